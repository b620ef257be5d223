/** GET /api/v1/ping */
import { Type } from 'typebox';
import type { ApiServer } from '../dependencies.ts';

const answerSchema = Type.Object(
  { status: Type.Literal('ok'), time: Type.String({ format: 'date-time' }) },
  { $id: 'Ping', description: 'The server answers.' },
);

/** Asks nothing of anything: answers while the process can. */
export function pingRoute(server: ApiServer, nowMs: () => number): void {
  server.route({
    method: 'GET',
    url: '/api/v1/ping',
    schema: {
      operationId: 'ping',
      summary: 'Ask whether the server answers',
      description: 'Needs no user. Says nothing about what the server depends on: that is /ready.',
      tags: ['health'],
      security: [],
      response: { 200: answerSchema },
    },
    handler: async () => ({ status: 'ok' as const, time: new Date(nowMs()).toISOString() }),
  });
}
