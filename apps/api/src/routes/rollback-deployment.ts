/** POST /api/v1/deployments/:id/rollback */
import { assert, fail, ok } from '@windlass/base';
import { operationSpec } from '@windlass/deployment-spec';
import { Operation } from '@windlass/request-machine';
import { Type } from 'typebox';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { addOperation } from './operation-route.ts';

const bodySchema = Type.Unsafe<{ revision?: number } | null>({
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    revision: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000_000,
      description: 'The one wanted.',
    },
  },
  examples: [{ revision: 3 }],
});

export function rollbackDeploymentRoute(server: ApiServer, deps: RouteDependencies): void {
  addOperation(server, deps, {
    operation: Operation.Rollback,
    summary: 'Bring an earlier revision back',
    description:
      'Makes a new revision with the spec of an earlier one: the named one, else the last one that succeeded before. The number of replicas and whether the rollout is held stay as they are.',
    body: bodySchema,
    change: (body) => ({
      body,
      rollbackTo: body?.revision ?? null,
      plan: (current, rollbackSpec) => {
        assert(rollbackSpec !== null, 'the store gives the spec to go back to');
        const spec = operationSpec('ROLLBACK', current.spec, { spec: rollbackSpec });
        // The policy may have changed since.
        const refusal = deps.admission(spec, current.identifier, current.namespace);
        return refusal === null ? ok(spec) : fail(refusal);
      },
    }),
  });
}
