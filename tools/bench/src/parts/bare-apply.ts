/** The peer of `deployments`: the Go program that only applies. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheDir } from '@windlass/testkit';

const peersDir = fileURLToPath(new URL('../../peers/', import.meta.url));
const runDeadlineMs = 300_000;

export type BareApplyOutcome = {
  readonly count: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

/** Builds the peer, which Go's own cache makes quick from the second time on. */
export async function buildBareApply(): Promise<string> {
  const file = join(cacheDir(), 'bench', 'bareapply');
  await mkdir(join(cacheDir(), 'bench'), { recursive: true });
  console.log('building the peer (minutes the first time)');
  await promisify(execFile)('go', ['build', '-o', file, './bareapply'], { cwd: peersDir });
  return file;
}

export function runBareApply(
  program: string,
  options: {
    readonly kubeconfigPath: string;
    readonly prefix: string;
    readonly count: number;
    readonly inFlight: number;
    /** JSON of the object, with NAME for its name. */
    readonly manifest: string;
  },
): Promise<BareApplyOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<BareApplyOutcome>();
  const child = execFile(
    program,
    [
      `-kubeconfig=${options.kubeconfigPath}`,
      `-prefix=${options.prefix}`,
      `-count=${options.count}`,
      `-in-flight=${options.inFlight}`,
    ],
    { timeout: runDeadlineMs },
    (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout) as BareApplyOutcome);
      else reject(new Error(`bareapply failed: ${stderr}`, { cause: error }));
    },
  );
  child.stdin?.end(options.manifest);
  return promise;
}
