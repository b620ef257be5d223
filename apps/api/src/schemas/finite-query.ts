/**
 * Numbers in queries that are no numbers: `limit=1e400` becomes Infinity when the text is turned into
 * a number, and the schema's bounds are only held against finite ones.
 */
import { type FieldProblem, WindlassError } from '@windlass/errors';
import type { FastifyInstance } from 'fastify';

export function refuseInfiniteQueries(server: FastifyInstance): void {
  server.addHook('preHandler', (request, _reply, done) => {
    const fields = infiniteMembers(request.query);
    if (fields.length === 0) done();
    else done(new WindlassError('validation-failed', 'The query is not valid.', { fields }));
  });
}

function infiniteMembers(query: unknown): readonly FieldProblem[] {
  if (query === null || typeof query !== 'object') return [];
  return Object.entries(query)
    .filter(([, value]) => typeof value === 'number' && !Number.isFinite(value))
    .map(([name]) => ({ field: `query.${name}`, message: 'is too large a number' }));
}
