/**
 * JWT mode: a bearer token of an OpenID Connect provider (RFC 6750, RFC 8725). Issuer, audience,
 * expiry and signature are checked against the provider's published keys; only asymmetric
 * algorithms of the configured list are accepted.
 */
import { WindlassError } from '@windlass/errors';
import type { Role } from '@windlass/postgres';
import type { FastifyRequest } from 'fastify';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { type Authenticate, type Caller, parseUserId } from './caller.ts';

export type JwtModeOptions = {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  readonly algorithms: readonly string[];
  readonly clockToleranceMs: number;
  /** Claim with the user's id; a path of members, such as `sub` or `ext.user`. */
  readonly userClaim: string;
  /** Claim with the roles, a list or a text with spaces; a path such as `realm_access.roles`. */
  readonly rolesClaim: string;
  readonly adminUsers: readonly string[];
  readonly adminRole: string;
};

/** Algorithms that can be configured. `none` and the symmetric ones can't. */
export const jwtAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** A provider that takes longer is treated as away. */
const jwksTimeoutMs = 3_000;
/** Keys are fetched again after this long, so that a withdrawn key stops working. */
const jwksCacheAgeMs = 10 * 60_000;
/** Tokens with unknown key ids can't make us ask the provider more often than this. */
const jwksCooldownMs = 10_000;

export function createJwtMode(options: JwtModeOptions): Authenticate {
  const keys = createRemoteJWKSet(new URL(options.jwksUrl), {
    timeoutDuration: jwksTimeoutMs,
    cacheMaxAge: jwksCacheAgeMs,
    cooldownDuration: jwksCooldownMs,
  });
  const adminUsers = new Set(options.adminUsers);

  return async (request: FastifyRequest): Promise<Caller> => {
    const token = bearerToken(request.headers.authorization);
    if (token === null) {
      throw new WindlassError('unauthenticated', 'Authorization holds no bearer token.');
    }
    const payload = await verify(token);
    const userId = claimAt(payload, options.userClaim);
    const parsed = typeof userId === 'string' ? parseUserId(userId) : null;
    if (parsed === null || !parsed.ok) {
      throw new WindlassError(
        'unauthenticated',
        `The token's claim ${options.userClaim} is not a valid user id.`,
      );
    }
    const roles = rolesOf(claimAt(payload, options.rolesClaim));
    const role: Role =
      adminUsers.has(parsed.value) || roles.includes(options.adminRole) ? 'admin' : 'user';
    return {
      userId: parsed.value,
      role,
      remoteAddress: request.ip,
      expiresAtMs: payload.exp === undefined ? null : payload.exp * 1000,
    };
  };

  async function verify(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: options.issuer,
        audience: options.audience,
        algorithms: [...options.algorithms],
        clockTolerance: options.clockToleranceMs / 1000,
        requiredClaims: ['exp'],
      });
      return payload;
    } catch (error) {
      throw refusal(error);
    }
  }
}

/** The keys being away is our trouble (503); everything else is wrong with the token (401). */
function refusal(error: unknown): WindlassError {
  if (error instanceof errors.JWTExpired) {
    return new WindlassError('unauthenticated', 'The token has expired.', { cause: error });
  }
  const isAboutTheToken =
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid) &&
    error.code !== 'ERR_JOSE_GENERIC';
  if (isAboutTheToken) {
    return new WindlassError('unauthenticated', 'The token is not valid.', { cause: error });
  }
  return new WindlassError('unavailable', "The identity provider's keys can't be read.", {
    cause: error,
    retryAfterMs: jwksCooldownMs,
  });
}

function bearerToken(header: string | undefined): string | null {
  return /^Bearer +([\w~+/.=-]+) *$/i.exec(header ?? '')?.[1] ?? null;
}

function claimAt(payload: JWTPayload, path: string): unknown {
  let value: unknown = payload;
  for (const name of path.split('.')) {
    if (value === null || typeof value !== 'object') return undefined;
    const member = Object.entries(value).find(([key]) => key === name);
    value = member?.[1];
  }
  return value;
}

function rolesOf(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(' ');
  return Array.isArray(claim) ? claim.filter((role) => typeof role === 'string') : [];
}
