/** The process itself: how it starts, refuses to, ends, and what a kill leaves behind. */
import { spawn } from 'node:child_process';
import { eventually, testNats, testPostgres } from '@windlass/testkit';
import { describe, expect, it } from 'vitest';
import { startTestApi } from './testing/test-api.ts';

const main = new URL('./main.ts', import.meta.url).pathname;
const create = '/api/v1/deployments/requests/create';

type Process = {
  readonly output: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly kill: (signal: 'SIGTERM' | 'SIGKILL') => void;
  /** Where it listens, once it does. */
  readonly url: () => Promise<string>;
};

function startProcess(env: Readonly<Record<string, string>>): Process {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], LOG_FORMAT: 'json', HTTP_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return {
    output: () => output,
    ended,
    kill: (signal) => void child.kill(signal),
    url: () =>
      eventually(
        () => {
          const url = /"api_listening".*?"url":"([^"]+)"|"url":"([^"]+)".*?"api_listening"/.exec(
            output,
          );
          if (url === null) throw new Error(`it does not listen yet: ${output}`);
          return url[1] ?? url[2] ?? '';
        },
        { deadlineMs: 60_000 },
      ),
  };
}

const post = async (url: string, identifier: string) =>
  fetch(`${url}${create}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-user-id': 'alice',
      'x-request-id': identifier,
    },
    body: JSON.stringify({ identifier, image: 'nginx:1.27' }),
  });

describe('the process', () => {
  it('refuses header mode on every address without a trusted proxy, exit code 1', async () => {
    const refused = startProcess({
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      HTTP_HOST: '0.0.0.0',
    });
    expect(await refused.ended).toEqual({ code: 1, signal: null });
    expect(refused.output()).toContain('HTTP_HOST must be a loopback address');
  });

  it('starts, serves, and ends on SIGTERM with 0', async () => {
    const [database, nats] = [await testPostgres(), await testNats()];
    const server = startProcess({
      DATABASE_URL: database.url,
      NATS_URL: nats.url,
      NATS_SUBJECT_PREFIX: nats.prefix,
    });
    const url = await server.url();
    expect((await post(url, 'web')).status).toBe(202);
    expect((await fetch(`${url}/api/v1/ping`)).status).toBe(200);
    server.kill('SIGTERM');
    expect(await server.ended).toEqual({ code: 0, signal: null });
    await nats.drop();
    await database.drop();
  });

  it('killed at any moment: what was promised is there, once, and still goes out', async () => {
    const [database, nats] = [await testPostgres(), await testNats()];
    const env = {
      DATABASE_URL: database.url,
      NATS_URL: nats.url,
      NATS_SUBJECT_PREFIX: nats.prefix,
      LOG_LEVEL: 'warn',
    };
    const promised = new Set<string>();
    const tried = new Set<string>();
    let serial = 0;
    for (let round = 0; round < 2; round += 1) {
      const server = startProcess({ ...env, LOG_LEVEL: 'info' });
      const url = await server.url();
      let killed = false;
      const clients = Array.from({ length: 8 }, async () => {
        while (!killed) {
          const identifier = `kill-${(serial += 1)}`;
          tried.add(identifier);
          try {
            const answer = await post(url, identifier);
            if (answer.status === 202) promised.add(identifier);
          } catch {
            // The process is gone: nothing was promised.
            killed = true;
          }
        }
      });
      const before = promised.size;
      await eventually(() => promised.size > before + 20 + round * 13);
      server.kill('SIGKILL');
      await server.ended;
      await Promise.all(clients);
    }
    // The next process finds everything that was promised, and repeats are the same request.
    const api = await startTestApi({ databaseUrl: database.url, nats });
    expect(promised.size).toBeGreaterThan(40);
    for (const identifier of tried) {
      const again = await api.call('alice', 'POST', create, {
        body: { identifier, image: 'nginx:1.27' },
        headers: { 'x-request-id': identifier },
      });
      expect(again.status).toBe(promised.has(identifier) ? 200 : again.status);
      expect([200, 202]).toContain(again.status);
    }
    await eventually(async () => (await api.store.outboxLag()).unsent === 0);
    await api.stop();
    await nats.drop();
    await database.drop();
  }, 180_000);
});
