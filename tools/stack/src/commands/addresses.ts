/** Where everything is. */
import { relative } from 'node:path';
import { lockManagerAddresses } from '../components/lock-managers.ts';
import { loopbackHost } from '../ports/probe.ts';
import { table } from '../print.ts';
import { repositoryDir, type StackFolder } from '../state/folder.ts';
import { appComponentNames, httpPortName } from '../state/plan.ts';
import type { StackState } from '../state/state-file.ts';

export function apiUrlOf(state: StackState): string {
  return `http://${loopbackHost}:${state.plan.ports.api}`;
}

export function addressLines(folder: StackFolder, state: StackState): string[] {
  const { plan, connections } = state;
  const api = apiUrlOf(state);
  const named = (choice: typeof plan.postgres, own: string | null) =>
    choice.kind === 'external' ? choice.shown : (own ?? 'not up');
  return table([
    ['API', `${api}/api/v1`],
    ['Swagger UI', `${api}/swagger/index.html`],
    ['PostgreSQL', named(plan.postgres, connections.databaseUrl)],
    ['NATS', named(plan.nats, connections.natsUrl)],
    ['locks (gRPC)', named(plan.lockmgr, lockManagerAddresses(plan).join(','))],
    ['kubeconfig', named(plan.kubernetes, connections.kubeconfig)],
    ['metrics', `${api}/metrics`],
    ...appComponentNames(plan)
      .filter((name) => name !== 'api')
      .map((name) => [
        '',
        `http://${loopbackHost}:${plan.ports[httpPortName(name)]}/metrics (${name})`,
      ]),
    ['logs', relative(repositoryDir, folder.logs)],
  ]);
}
