/** POST /api/v1/deployments/:id/<operation>: what the operations on a deployment have in common. */
import type { Operation } from '@windlass/request-machine';
import type { TUnsafe } from 'typebox';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { carryOutChange } from '../requests/change.ts';
import type { Change } from '../requests/planned-change.ts';
import { changeHeaders, changeQuery, deploymentParams } from '../schemas/parameters.ts';
import { changeResponses } from '../schemas/responses.ts';

/** A body as Fastify types it. */
type Sent<Body> = [Body] extends [undefined] ? unknown : Body;

export type OperationRoute<Body> = {
  readonly operation: Extract<Operation, 'SCALE' | 'RESTART' | 'PAUSE' | 'RESUME' | 'ROLLBACK'>;
  readonly summary: string;
  readonly description?: string;
  readonly body: TUnsafe<Body>;
  /** What a call asks for. What it leaves out is null. */
  readonly change: (
    body: Sent<Body>,
  ) => Pick<Change, 'plan'> & Partial<Pick<Change, 'body' | 'rollbackTo'>>;
};

/** The path, the action in the audit trail and the operation's id are named after the operation. */
export function addOperation<Body>(
  server: ApiServer,
  deps: RouteDependencies,
  { operation, summary, description, body, change }: OperationRoute<Body>,
): void {
  const verb = operation.toLowerCase();
  server.route({
    method: 'POST',
    url: `/api/v1/deployments/:id/${verb}`,
    config: { action: `deployment.${verb}` },
    schema: {
      operationId: `${verb}Deployment`,
      summary,
      ...(description === undefined ? {} : { description }),
      tags: ['operations'],
      params: deploymentParams,
      querystring: changeQuery,
      headers: changeHeaders,
      body,
      response: changeResponses,
    },
    handler: (request, reply) =>
      carryOutChange(deps, request, reply, request.query, {
        target: { identifier: request.params.id },
        operation,
        body: null,
        rollbackTo: null,
        ...change(request.body),
      }),
  });
}
