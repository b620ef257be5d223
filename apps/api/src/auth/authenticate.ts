/** The way to find out who calls, as the settings choose it. */
import { required } from '@windlass/base';
import type { ApiSettings } from '../config.ts';
import type { Authenticate } from './caller.ts';
import { createHeaderMode } from './header-mode.ts';
import { createJwtMode } from './jwt-mode.ts';
import { isLoopback } from './trusted-proxies.ts';

export type Access = {
  readonly authenticate: Authenticate;
  /** WWW-Authenticate of a 401; null where there is none to send. */
  readonly challenge: string | null;
};

export function createAccess(settings: ApiSettings): Access {
  const { adminUsers, adminRole } = settings;
  switch (settings.authMode) {
    case 'header':
      return {
        authenticate: createHeaderMode({
          proxies: settings.trustedProxies,
          sharedSecret: settings.proxySharedSecret,
          loopbackOnly: isLoopback(settings.httpHost),
          adminUsers,
          adminRole,
        }),
        challenge: null,
      };
    case 'jwt':
      return {
        authenticate: createJwtMode({
          issuer: required(settings.jwtIssuer, 'JWT_ISSUER'),
          audience: required(settings.jwtAudience, 'JWT_AUDIENCE'),
          jwksUrl: required(settings.jwtJwksUrl, 'JWT_JWKS_URL'),
          algorithms: settings.jwtAlgorithms,
          clockToleranceMs: settings.jwtClockToleranceMs,
          userClaim: settings.jwtUserClaim,
          rolesClaim: settings.jwtRolesClaim,
          adminUsers,
          adminRole,
        }),
        challenge: 'Bearer realm="windlass"',
      };
    default:
      return settings.authMode satisfies never;
  }
}
