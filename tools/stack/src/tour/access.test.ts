import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseSettings } from '@windlass/config';
import { describe, expect, it } from 'vitest';
import { stackSettings } from '../settings.ts';
import { tourAccess } from './access.ts';
import { createTourApi } from './api.ts';

function accessWith(env: Record<string, string>) {
  const settings = parseSettings(stackSettings, env);
  if (!settings.ok) throw new Error(JSON.stringify(settings.error));
  return tourAccess(settings.value);
}

/** The credentials that a call of the tour sends. */
async function sentWith(env: Record<string, string>) {
  const access = accessWith(env);
  if (access.kind === 'missing') return access;
  const server = createServer((request, response) => {
    const { authorization, 'x-user-id': userId } = request.headers;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ authorization, userId }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address
  const { port } = server.address() as AddressInfo;
  const api = createTourApi(`http://127.0.0.1:${port}`, access.credentials);
  const { data } = await api.GET('/api/v1/deployments');
  server.closeAllConnections();
  server.close();
  return data;
}

describe('the tour', () => {
  it('calls as a user of its own in header mode', async () => {
    expect(await sentWith({})).toEqual({ userId: 'tour' });
    expect(await sentWith({ AUTH_MODE: 'header', TOUR_TOKEN: 'abc' })).toEqual({ userId: 'tour' });
  });

  it('calls with the token that it was given in jwt mode', async () => {
    const sent = await sentWith({ AUTH_MODE: 'jwt', TOUR_TOKEN: 'abc' });
    expect(sent).toEqual({ authorization: 'Bearer abc' });
  });

  it('says in jwt mode without a token that it is left out, and what would help', () => {
    expect(accessWith({ AUTH_MODE: 'jwt' })).toEqual({
      kind: 'missing',
      message: expect.stringMatching(/left out: with AUTH_MODE=jwt .* TOUR_TOKEN/),
    });
  });
});
