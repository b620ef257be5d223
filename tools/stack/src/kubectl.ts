/** The pinned kubectl, against one cluster. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { locateServers } from '@windlass/testkit';
import { errorMessage, errorOutput } from './system-errors.ts';

export type Kubectl = {
  /** Runs kubectl and gives what it prints. Rejects with its own words where it fails. */
  readonly run: (...args: readonly string[]) => Promise<string>;
};

/** Each call is short; this is for a cluster that doesn't answer. */
const deadlineMs = 30_000;

/** @param cluster null paths and contexts are kubectl's own defaults */
export function kubectl(cluster: {
  readonly kubeconfig: string | null;
  readonly context: string | null;
}): Kubectl {
  const program = locateServers().path('kubectl');
  const base: string[] = [`--request-timeout=${deadlineMs / 1_000}s`];
  if (cluster.context !== null) base.push(`--context=${cluster.context}`);
  const env = { ...process.env };
  if (cluster.kubeconfig !== null) env['KUBECONFIG'] = cluster.kubeconfig;
  return {
    run: async (...args) => {
      try {
        const options = { env, encoding: 'utf8', timeout: deadlineMs } as const;
        const { stdout } = await promisify(execFile)(program, [...base, ...args], options);
        return stdout.trim();
      } catch (error) {
        const said = errorOutput(error) || errorMessage(error);
        throw new Error(`kubectl ${args.join(' ')}: ${said}`, { cause: error });
      }
    },
  };
}

/** Names the cluster that a kubeconfig leads to, so that nobody is surprised by it. */
export async function describeCluster(kubeconfig: string, context: string | null): Promise<string> {
  const { run } = kubectl({ kubeconfig, context });
  const used = context ?? (await run('config', 'current-context'));
  const server = await run(
    'config',
    'view',
    '--minify',
    '-o',
    'jsonpath={.clusters[0].cluster.server}',
  );
  return `context ${used} at ${server} (KUBECONFIG=${kubeconfig})`;
}
