/** kubectl against a test's cluster. */
import { locateServers } from '@windlass/testkit';
import { succeed } from './command.ts';

/** Objects for `-f -`. */
export type ObjectList = { readonly items: readonly object[] };

/** Its standard output. Rejects with what it said where it fails. */
export type Kubectl = (args: readonly string[], input?: ObjectList) => Promise<string>;

export function kubectlOf(kubeconfigPath: string): Kubectl {
  const options = (input: ObjectList | undefined) =>
    input === undefined
      ? {}
      : { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', ...input }) };
  return (args, input) => {
    const all = ['--kubeconfig', kubeconfigPath, ...args];
    return succeed(locateServers().path('kubectl'), all, options(input));
  };
}
