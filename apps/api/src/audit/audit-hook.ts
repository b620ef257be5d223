/** Notices refusals on their way out. */
import { codeOf } from '@windlass/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RefusalAudit } from './refusals.ts';

export function auditRefusals(server: FastifyInstance, refusals: RefusalAudit): void {
  server.addHook('onError', (request, _reply, error, done) => {
    const { action } = request.routeOptions.config;
    // Without a caller there is nobody to name.
    if (action !== undefined && request.caller !== null) {
      refusals.record({
        caller: request.caller,
        action,
        target: targetOf(request),
        code: codeOf(error),
      });
    }
    done();
  });
}

/** What was to be changed: from the path, or the identifier in the body of a creation. */
function targetOf(request: FastifyRequest): string {
  const fromPath = textMember(request.params, 'id');
  return fromPath ?? textMember(request.body, 'identifier') ?? '';
}

function textMember(value: unknown, name: string): string | null {
  if (value === null || typeof value !== 'object') return null;
  const member: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof member === 'string' ? member : null;
}
