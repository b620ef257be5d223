/** GET /api/v1/deployments/:id/logs */
import { Type } from 'typebox';
import { scopeOf } from '../auth/caller.ts';
import { kubeOf } from '../cluster/cluster.ts';
import { readLog } from '../cluster/logs.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { requireDeployment } from '../requests/find-deployment.ts';
import { deploymentParams } from '../schemas/parameters.ts';
import { integer, label, subdomain } from '../schemas/primitives.ts';
import { problemResponses, textResponse } from '../schemas/responses.ts';

const tailLinesDefault = 200;
const tailLinesMax = 10_000;

const querySchema = Type.Object(
  {
    pod: Type.Optional(subdomain('Which pod; the newest that is not ready, else the newest.')),
    container: Type.Optional(label('Which container; the first by default.')),
    tailLines: Type.Optional(
      Type.Integer({
        description: 'Lines from the end.',
        minimum: 1,
        maximum: tailLinesMax,
        default: tailLinesDefault,
      }),
    ),
    sinceSeconds: Type.Optional(integer('Only lines of the last seconds.', 1, 31_536_000)),
    previous: Type.Optional(
      Type.Boolean({ description: "Of the container's run before.", default: false }),
    ),
    timestamps: Type.Optional(
      Type.Boolean({ description: 'Each line begins with its time.', default: false }),
    ),
  },
  { additionalProperties: false },
);

const logHeaders = {
  'X-Pod': { type: 'string' as const, description: 'The pod that was read.' },
  'X-Container': { type: 'string' as const, description: 'The container that was read.' },
};

export function deploymentLogsRoute(server: ApiServer, deps: RouteDependencies): void {
  const { store, cluster } = deps;
  server.route({
    method: 'GET',
    url: '/api/v1/deployments/:id/logs',
    exposeHeadRoute: false,
    config: { action: 'deployment.logs' },
    schema: {
      operationId: 'getDeploymentLogs',
      summary: 'Read the log of a pod',
      description: 'At most 256 KiB. Who read which log is audited.',
      tags: ['deployments'],
      params: deploymentParams,
      querystring: querySchema,
      response: {
        200: textResponse('The log.', 'text/plain', logHeaders),
        ...problemResponses('not-found', 'conflict'),
      },
    },
    handler: async (request, reply) => {
      const { caller, query } = request;
      const { id } = request.params;
      const { namespace } = await requireDeployment(store, scopeOf(caller), id);
      const kube = kubeOf(cluster);
      // Before the log is read: a reader without a line in the trail must not exist.
      await store.audit({
        userId: caller.userId,
        role: caller.role,
        action: 'deployment.logs',
        target: id,
        revision: null,
        outcome: 'accepted',
        remoteAddress: caller.remoteAddress,
      });
      const log = await readLog(kube, namespace, id, {
        pod: query.pod ?? null,
        container: query.container ?? null,
        tailLines: query.tailLines ?? tailLinesDefault,
        sinceSeconds: query.sinceSeconds ?? null,
        previous: query.previous ?? false,
        timestamps: query.timestamps ?? false,
      });
      return reply
        .header('x-pod', log.pod)
        .header('x-container', log.container)
        .type('text/plain; charset=utf-8')
        .send(log.text);
    },
  });
}
