/**
 * Header mode: a proxy in front has authenticated the user and names it in X-User-ID. Believed only
 * from a trusted peer; see trusted-proxies.ts.
 */
import { WindlassError } from '@windlass/errors';
import type { Role } from '@windlass/postgres';
import type { FastifyRequest } from 'fastify';
import { type Authenticate, type Caller, parseUserId } from './caller.ts';
import { createPeerJudge, proxySecretHeader, type TrustRules } from './trusted-proxies.ts';

export type HeaderModeOptions = TrustRules & {
  readonly adminUsers: readonly string[];
  /** The role in X-User-Roles (or in a token) that makes an admin. */
  readonly adminRole: string;
};

export function createHeaderMode(options: HeaderModeOptions): Authenticate {
  const judge = createPeerJudge(options);
  const adminUsers = new Set(options.adminUsers);
  return (request: FastifyRequest): Caller => {
    const trust = judge(request.socket.remoteAddress ?? '', header(request, proxySecretHeader));
    const userId = header(request, 'x-user-id');
    if (userId === undefined || userId === '') {
      throw new WindlassError('unauthenticated', 'X-User-ID names no user.');
    }
    if (!trust.user) {
      throw new WindlassError(
        'unauthenticated',
        'X-User-ID is believed only from a trusted proxy, and this request did not come through one.',
      );
    }
    const parsed = parseUserId(userId);
    if (!parsed.ok) {
      throw new WindlassError('validation-failed', 'X-User-ID is not a valid user id.', {
        fields: [{ field: 'header.x-user-id', message: parsed.error }],
      });
    }
    const roles = trust.roles ? splitRoles(header(request, 'x-user-roles')) : [];
    const role: Role =
      adminUsers.has(parsed.value) || roles.includes(options.adminRole) ? 'admin' : 'user';
    return { userId: parsed.value, role, remoteAddress: request.ip, expiresAtMs: null };
  };
}

/** `admin, user` as a list. Unknown roles are of no consequence. */
function splitRoles(value: string | undefined): readonly string[] {
  return value === undefined ? [] : value.split(',').map((role) => role.trim());
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
