/** Who calls, as the rest of the API sees it. Read next: header-mode.ts, jwt-mode.ts. */
import { fail, ok, type Result } from '@windlass/base';
import type { Actor, Role, Scope } from '@windlass/postgres';
import type { FastifyRequest } from 'fastify';

export type Caller = {
  readonly userId: string;
  readonly role: Role;
  /** Address of the client as far as it can be trusted. */
  readonly remoteAddress: string;
  /** When the credentials end, milliseconds since 1970; null where they don't. */
  readonly expiresAtMs: number | null;
};

/** Finds out who calls, or throws a WindlassError (400, 401, or 503 while the keys are away). */
export type Authenticate = (request: FastifyRequest) => Caller | Promise<Caller>;

/** Longest user id: the length of an e-mail address. */
export const userIdLengthMax = 254;

/** Letters, digits and what e-mail addresses, URNs and `issuer|subject` ids are made of. */
export const userIdForm = '^[A-Za-z0-9][A-Za-z0-9._@:|+/=-]*$';
const userIdPattern = new RegExp(userIdForm);

/** The user id, or which rule it breaks. */
export function parseUserId(text: string): Result<string, string> {
  if (text.length > userIdLengthMax) {
    return fail(`must be at most ${userIdLengthMax} characters long`);
  }
  if (!userIdPattern.test(text)) {
    return fail(
      'must begin with a letter or digit and hold only letters, digits and . _ @ : | + / = -',
    );
  }
  return ok(text);
}

export function actorOf(caller: Caller): Actor {
  return { userId: caller.userId, role: caller.role, remoteAddress: caller.remoteAddress };
}

/** Whose rows the caller may see: an admin everyone's, a user only the own ones. */
export function scopeOf(caller: Caller): Scope {
  return { userId: caller.role === 'admin' ? null : caller.userId };
}
