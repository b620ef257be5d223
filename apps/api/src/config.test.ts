import { parseSettings } from '@windlass/config';
import { describe, expect, it } from 'vitest';
import { settings } from './config.ts';

const database = { DATABASE_URL: 'postgres://u:p@127.0.0.1/db' };

function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  const parsed = parseSettings(settings, { ...database, ...env });
  return parsed.ok ? [] : parsed.error.map((problem) => problem.env);
}

describe('the settings', () => {
  it('need nothing but a database on loopback', () => {
    expect(problemsOf({})).toEqual([]);
  });

  it.each([
    ['every address', { HTTP_HOST: '0.0.0.0' }],
    ['every IPv6 address', { HTTP_HOST: '::' }],
    ['an address of the network', { HTTP_HOST: '10.0.0.5' }],
  ])('refuse header mode on %s without a trusted proxy', (_what, env) => {
    expect(problemsOf(env)).toEqual(['HTTP_HOST']);
  });

  it.each([
    ['a range of proxies', { TRUSTED_PROXIES: '10.0.0.0/8' }],
    ['a shared secret', { PROXY_SHARED_SECRET: 'a secret of some length' }],
    [
      'jwt mode',
      {
        AUTH_MODE: 'jwt',
        JWT_ISSUER: 'https://id.example.com',
        JWT_AUDIENCE: 'windlass',
        JWT_JWKS_URL: 'https://id.example.com/keys',
      },
    ],
  ])('allow every address with %s', (_what, env) => {
    expect(problemsOf({ HTTP_HOST: '0.0.0.0', ...env })).toEqual([]);
  });

  it('name every problem at once', () => {
    const env = {
      HTTP_HOST: '0.0.0.0',
      PROXY_SHARED_SECRET: 'short',
      TRUSTED_PROXIES: 'proxy.example',
      IMAGE_ALLOW_LIST: 'nginx:1.27',
      JWT_ALGORITHMS: 'HS256',
      RATE_LIMIT_WINDOW_MS: '1 hour',
    };
    const expected = [
      'IMAGE_ALLOW_LIST',
      'JWT_ALGORITHMS',
      'PROXY_SHARED_SECRET',
      'RATE_LIMIT_WINDOW_MS',
      'TRUSTED_PROXIES',
    ];
    expect([...problemsOf(env)].sort()).toEqual(expected);
  });

  it('need issuer, audience and keys in jwt mode, and keys over https', () => {
    expect(problemsOf({ AUTH_MODE: 'jwt' })).toEqual([
      'JWT_ISSUER',
      'JWT_AUDIENCE',
      'JWT_JWKS_URL',
    ]);
    const env = { AUTH_MODE: 'jwt', JWT_ISSUER: 'i', JWT_AUDIENCE: 'a' };
    expect(problemsOf({ ...env, JWT_JWKS_URL: 'http://id.example.com/keys' })).toEqual([
      'JWT_JWKS_URL',
    ]);
    expect(problemsOf({ ...env, JWT_JWKS_URL: 'http://127.0.0.1:9/keys' })).toEqual([]);
  });
});
