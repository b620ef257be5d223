/** POST /api/v1/deployments/:id/restart */
import { ok } from '@windlass/base';
import { operationSpec } from '@windlass/deployment-spec';
import { Operation } from '@windlass/request-machine';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { emptyBody } from '../schemas/parameters.ts';
import { addOperation } from './operation-route.ts';

export function restartDeploymentRoute(server: ApiServer, deps: RouteDependencies): void {
  addOperation(server, deps, {
    operation: Operation.Restart,
    summary: 'Replace the pods',
    description: 'Replaces every pod by a new one, as the strategy says.',
    body: emptyBody,
    change: () => {
      const nowMs = deps.nowMs();
      return { plan: (current) => ok(operationSpec('RESTART', current.spec, { nowMs })) };
    },
  });
}
