/** POST /api/v1/deployments/:id/resume */
import { ok } from '@windlass/base';
import { operationSpec } from '@windlass/deployment-spec';
import { Operation } from '@windlass/request-machine';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { emptyBody } from '../schemas/parameters.ts';
import { addOperation } from './operation-route.ts';

export function resumeDeploymentRoute(server: ApiServer, deps: RouteDependencies): void {
  addOperation(server, deps, {
    operation: Operation.Resume,
    summary: 'Let the rollout go on',
    body: emptyBody,
    change: () => ({ plan: (current) => ok(operationSpec('RESUME', current.spec)) }),
  });
}
