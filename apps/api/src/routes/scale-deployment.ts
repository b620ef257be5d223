/** POST /api/v1/deployments/:id/scale */
import { ok } from '@windlass/base';
import { operationSpec } from '@windlass/deployment-spec';
import { Operation } from '@windlass/request-machine';
import { Type } from 'typebox';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { replicasSchema } from '../schemas/spec.ts';
import { addOperation } from './operation-route.ts';

const bodySchema = Type.Unsafe<{ replicas: number }>(
  Type.Object(
    { replicas: replicasSchema },
    { additionalProperties: false, examples: [{ replicas: 3 }] },
  ),
);

export function scaleDeploymentRoute(server: ApiServer, deps: RouteDependencies): void {
  addOperation(server, deps, {
    operation: Operation.Scale,
    summary: 'Set the number of replicas',
    body: bodySchema,
    change: (body) => ({
      body,
      plan: (current) => ok(operationSpec('SCALE', current.spec, body)),
    }),
  });
}
