/** Puts the caller on every request, before anything of it is read. */
import { WindlassError } from '@windlass/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticate, Caller } from './caller.ts';

/**
 * @param challenge WWW-Authenticate of a 401; null in header mode, where the client can't answer one
 */
export function guardRoutes(
  server: FastifyInstance,
  authenticate: Authenticate,
  challenge: string | null,
): void {
  server.addHook('onRequest', (request, reply, done) => {
    const accept = (caller: Caller) => {
      request.caller = caller;
      done();
    };
    const refuse = (error: unknown) => {
      addChallenge(reply, error, challenge);
      done(error instanceof Error ? error : new Error('authentication failed', { cause: error }));
    };
    // Header mode knows at once; a promise would cost every request a turn of the loop.
    const caller = attempt(authenticate, request);
    if (caller.kind === 'failed') refuse(caller.error);
    else if (caller.value instanceof Promise) caller.value.then(accept, refuse);
    else accept(caller.value);
  });
}

type Attempt =
  | { readonly kind: 'begun'; readonly value: Caller | Promise<Caller> }
  | { readonly kind: 'failed'; readonly error: unknown };

function attempt(authenticate: Authenticate, request: FastifyRequest): Attempt {
  try {
    return { kind: 'begun', value: authenticate(request) };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

function addChallenge(reply: FastifyReply, error: unknown, challenge: string | null): void {
  const isUnauthenticated = error instanceof WindlassError && error.code === 'unauthenticated';
  if (isUnauthenticated && challenge !== null) reply.header('www-authenticate', challenge);
}
