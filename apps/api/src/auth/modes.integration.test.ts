import { createServer } from 'node:http';
import { assert } from '@windlass/base';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

const requests = '/api/v1/deployments/requests';

describe('header mode on loopback', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi();
  });
  afterAll(() => api.stop());

  it('answers the ping, the document and its page to anybody', async () => {
    const ping = await api.call(null, 'GET', '/api/v1/ping');
    expect(ping.status).toBe(200);
    expect(ping.body.status).toBe('ok');
    const page = await api.call(null, 'GET', '/swagger/index.html');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    for (const [, asset] of String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)) {
      const { status } = await api.call(null, 'GET', `/swagger/${asset}`);
      expect({ asset, status }).toEqual({ asset, status: 200 });
    }
    const document = await api.call(null, 'GET', '/openapi.json');
    expect(document.body.openapi).toBe('3.1.0');
    expect((await api.call(null, 'GET', '/ready')).status).toBe(200);
  });

  it('answers 401 without a user, and 400 for what is no user id', async () => {
    const missing = await api.call(null, 'GET', requests);
    expect(missing.status).toBe(401);
    expect(missing.body.code).toBe('unauthenticated');
    expect(missing.headers.get('www-authenticate')).toBeNull();
    for (const user of ['a b', 'ä', '-x', "o'brien", 'a'.repeat(255), 'a,b']) {
      const answer = await api.call(null, 'GET', requests, {
        headers: { 'x-user-id': Buffer.from(user).toString('latin1') },
      });
      expect({ user, status: answer.status }).toEqual({ user, status: 400 });
      expect(answer.body.errors[0].field).toBe('header.x-user-id');
    }
    for (const user of ['alice@example.com', 'urn:x:1', 'auth0|5f', 'a'.repeat(254)]) {
      const { status } = await api.call(user, 'GET', requests);
      expect({ user, status }).toEqual({ user, status: 200 });
    }
  });

  it('takes roles from no neighbour, and admins from the settings', async () => {
    const headers = { 'x-user-roles': 'admin' };
    const claimed = await api.call('mallory', 'GET', `${requests}?user=alice`, { headers });
    expect(claimed.status).toBe(403);
    expect((await api.call('root', 'GET', `${requests}?user=alice`)).status).toBe(200);
  });
});

describe('header mode behind a proxy with a shared secret', () => {
  let api: TestApi;
  const secret = 'correct horse battery staple';
  beforeAll(async () => {
    api = await startTestApi({ env: { PROXY_SHARED_SECRET: secret } });
  });
  afterAll(() => api.stop());

  it('believes the user only with the secret, and then the roles too', async () => {
    expect((await api.call('alice', 'GET', requests)).status).toBe(401);
    const wrong = { 'x-proxy-secret': 'correct horse battery stapler' };
    expect((await api.call('alice', 'GET', requests, { headers: wrong })).status).toBe(401);
    const right = { 'x-proxy-secret': secret };
    expect((await api.call('alice', 'GET', requests, { headers: right })).status).toBe(200);
    const path = `${requests}?user=bob`;
    expect((await api.call('alice', 'GET', path, { headers: right })).status).toBe(403);
    const roles = { ...right, 'x-user-roles': 'user, admin' };
    expect((await api.call('alice', 'GET', path, { headers: roles })).status).toBe(200);
  });
});

describe('jwt mode', () => {
  let api: TestApi;
  let keys: Awaited<ReturnType<typeof startKeyServer>>;
  beforeAll(async () => {
    keys = await startKeyServer();
    api = await startTestApi({
      env: {
        AUTH_MODE: 'jwt',
        JWT_ISSUER: 'https://id.example.com',
        JWT_AUDIENCE: 'windlass',
        JWT_JWKS_URL: keys.url,
        JWT_ROLES_CLAIM: 'realm_access.roles',
        JWT_CLOCK_TOLERANCE_MS: '2000',
        JWT_ALGORITHMS: 'ES256',
      },
    });
  });
  afterAll(async () => {
    await api.stop();
    await keys.stop();
  });

  const get = (token: string | null, path = requests) =>
    api.call(null, 'GET', path, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    });

  it('takes a valid token, its user and its roles', async () => {
    const token = await keys.sign({});
    expect((await get(token)).status).toBe(200);
    expect((await get(token, `${requests}?user=bob`)).status).toBe(403);
    const admin = await keys.sign({ realm_access: { roles: ['admin'] } });
    expect((await get(admin, `${requests}?user=bob`)).status).toBe(200);
  });

  it('does not believe X-User-ID', async () => {
    expect((await api.call('alice', 'GET', requests)).status).toBe(401);
  });

  it('refuses everything else with 401 and a challenge', async () => {
    const now = Math.floor(Date.now() / 1000);
    const tokens: Record<string, string | null> = {
      none: null,
      garbage: 'x.y.z',
      'another issuer': await keys.sign({ iss: 'https://evil.example.com' }),
      'another audience': await keys.sign({ aud: 'other' }),
      expired: await keys.sign({ exp: now - 10 }),
      'not yet valid': await keys.sign({ nbf: now + 60 }),
      'without an end': await keys.sign({ exp: undefined }),
      'without a user': await keys.sign({ sub: undefined }),
      'with a user that is no id': await keys.sign({ sub: 'a b' }),
      'of another key': await keys.signElsewhere({}),
      'not signed': `${base64({ alg: 'none' })}.${base64(claims({}))}.`,
      'signed with the public key as a secret': await keys.signSymmetric({}),
    };
    for (const [what, token] of Object.entries(tokens)) {
      const answer = await get(token);
      expect({ what, status: answer.status }).toEqual({ what, status: 401 });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
    }
  });

  it('allows for the clock tolerance', async () => {
    const token = await keys.sign({ exp: Math.floor(Date.now() / 1000) - 1 });
    expect((await get(token)).status).toBe(200);
  });

  it('asks for the keys once, not per request', async () => {
    const before = keys.asked();
    const token = await keys.sign({});
    await Promise.all(Array.from({ length: 20 }, () => get(token)));
    expect(keys.asked()).toBe(before);
  });

  it('answers 503 while the keys can not be read', async () => {
    const own = await startTestApi({
      env: {
        AUTH_MODE: 'jwt',
        JWT_ISSUER: 'https://id.example.com',
        JWT_AUDIENCE: 'windlass',
        JWT_JWKS_URL: `${keys.url}/nowhere`,
      },
    });
    const token = await keys.sign({});
    const answer = await own.call(null, 'GET', requests, {
      headers: { authorization: `Bearer ${token}` },
    });
    await own.stop();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).not.toBeNull();
  });
});

describe('rate limits', () => {
  it('are held per user, and said in headers', async () => {
    const api = await startTestApi({ env: { RATE_LIMIT_MAX: '3', RATE_LIMIT_WINDOW_MS: '60000' } });
    const answers = [];
    for (let call = 0; call < 4; call += 1) answers.push(await api.call('alice', 'GET', requests));
    const bob = await api.call('bob', 'GET', requests);
    const ping = await api.call(null, 'GET', '/api/v1/ping');
    await api.stop();
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers[0]?.headers.get('ratelimit-limit')).toBe('3');
    expect(answers[0]?.headers.get('ratelimit-remaining')).toBe('2');
    expect(Number(answers[3]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answers[3]?.body.code).toBe('rate-limited');
    expect([bob.status, ping.status]).toEqual([200, 200]);
  });
});

type Claims = Readonly<Record<string, unknown>>;

const claims = (more: Claims): Claims => ({
  iss: 'https://id.example.com',
  aud: 'windlass',
  sub: 'alice',
  exp: Math.floor(Date.now() / 1000) + 60,
  ...more,
});

function signWith(key: Parameters<SignJWT['sign']>[0], alg: string) {
  return (more: Claims) =>
    new SignJWT(JSON.parse(JSON.stringify(claims(more))))
      .setProtectedHeader({ alg, kid: 'one' })
      .sign(key);
}

/** A key set on loopback, and tokens signed with its key and with others. */
async function startKeyServer() {
  const own = await generateKeyPair('ES256', { extractable: true });
  const other = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    response.writeHead(request.url === '/keys' ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'it listens on a port');
  return {
    url: `http://127.0.0.1:${address.port}/keys`,
    asked: () => asked,
    sign: signWith(own.privateKey, 'ES256'),
    signElsewhere: signWith(other.privateKey, 'ES256'),
    signSymmetric: signWith(new TextEncoder().encode(JSON.stringify(jwk)), 'HS256'),
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
