/** The peer of `deployments`: the Go program that only applies. */
import { execFile } from 'node:child_process';

const runDeadlineMs = 300_000;

export type BareApplyOutcome = {
  readonly count: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

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
