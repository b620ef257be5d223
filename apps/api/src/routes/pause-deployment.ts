/** POST /api/v1/deployments/:id/pause */
import { ok } from '@windlass/base';
import { operationSpec } from '@windlass/deployment-spec';
import { Operation } from '@windlass/request-machine';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { emptyBody } from '../schemas/parameters.ts';
import { addOperation } from './operation-route.ts';

export function pauseDeploymentRoute(server: ApiServer, deps: RouteDependencies): void {
  addOperation(server, deps, {
    operation: Operation.Pause,
    summary: 'Hold the rollout',
    description: 'Changes are accepted, but pods are not replaced until it is resumed.',
    body: emptyBody,
    change: () => ({ plan: (current) => ok(operationSpec('PAUSE', current.spec)) }),
  });
}
