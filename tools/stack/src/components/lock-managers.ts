/** What a lock manager of the stack is told about itself and the others. Pure. */
import { join } from 'node:path';
import { loopbackHost } from '../ports/probe.ts';
import type { StackFolder } from '../state/folder.ts';
import { appComponentNames, appOfComponent, type StackPlan } from '../state/plan.ts';
import type { StackState } from '../state/state-file.ts';

/** The components of the plan that are lock managers. */
export function lockManagerNames(plan: Pick<StackPlan, 'ports'>): string[] {
  return appComponentNames(plan).filter((name) => appOfComponent(name) === 'lockmgr');
}

/** Where clients reach the plan's own lock managers. */
export function lockManagerAddresses(plan: Pick<StackPlan, 'ports'>): string[] {
  return lockManagerNames(plan).map((name) => `${loopbackHost}:${plan.ports[name]}`);
}

/** Where the stack's lock managers are reached; null where they are the user's. */
export function lockAddressesOf({ plan }: Pick<StackState, 'plan'>): readonly string[] | null {
  return plan.lockmgr.kind === 'own' ? lockManagerAddresses(plan) : null;
}

/** A node of the plan's cluster. */
export function memberEnvironment(
  folder: StackFolder,
  plan: Pick<StackPlan, 'ports'>,
  name: string,
): Record<string, string> {
  const nodes = lockManagerNames(plan);
  const peers = nodes.map((each) => `${each}=${loopbackHost}:${plan.ports[each]}`);
  return nodeEnvironment(folder, name, plan.ports[name] ?? 0, peers);
}

/** A node without others: `make run-lockmgr` where no stack runs. Its data is its own. */
export const loneLockManager = 'lockmgr-alone';

export function loneEnvironment(folder: StackFolder, grpcPort: number): Record<string, string> {
  return nodeEnvironment(folder, loneLockManager, grpcPort, []);
}

function nodeEnvironment(
  folder: StackFolder,
  name: string,
  grpcPort: number,
  peers: readonly string[],
): Record<string, string> {
  return {
    NODE_NAME: name,
    LOCKMGR_PEERS: peers.join(','),
    // Empty is unset: the peers' list says it.
    ADVERTISED_ADDRESS: '',
    // On loopback, in plain text, like the other servers of the stack.
    GRPC_TLS_CERT_FILE: '',
    GRPC_TLS_KEY_FILE: '',
    GRPC_TLS_CA_FILE: '',
    GRPC_TLS_CLIENT_CERTIFICATES: '',
    DATA_FOLDER: join(folder.data, name),
    GRPC_HOST: loopbackHost,
    GRPC_PORT: String(grpcPort),
  };
}
