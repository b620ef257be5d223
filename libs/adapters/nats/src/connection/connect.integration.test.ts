/** Connecting: late servers, lost ones, TLS and credentials. On real servers. */
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  eventually,
  freePorts,
  type RunningNats,
  tlsOf,
  writeCertificates,
} from '@windlass/testkit';
import { nkeys } from 'nats';
import { describe, expect, it } from 'vitest';
import { publishCore, subscribeCore } from '../publish/core.ts';
import { afterTest, openBus, ownNats, testPrefix } from '../testing/harness.ts';

const noTls = { caFile: null, certFile: null, keyFile: null };

/** Two folders of certificates, whose authorities don't know each other. */
async function certificates() {
  const folder = await mkdtemp(join(tmpdir(), 'windlass-nats-tls-'));
  afterTest(() => rm(folder, { recursive: true, force: true }));
  const request = { servers: ['server'], clients: { worker: { user: 'worker' } } };
  const ours = join(folder, 'ours');
  const theirs = join(folder, 'theirs');
  await Promise.all([writeCertificates(ours, request), writeCertificates(theirs, request)]);
  return { ours, theirs };
}

/** Makes a running server ask for credentials, as an operator would: configuration and reload. */
async function askForCredentials(server: RunningNats, authorization: string): Promise<void> {
  const configuration = join(dirname(server.process.logFile), 'data', 'nats.conf');
  await appendFile(configuration, `authorization { ${authorization} }\n`);
  process.kill(server.process.pid, 'SIGHUP');
}

/** As `nsc` writes it. The server here doesn't look at the JWT; the seed has to be a real one. */
function credentialsFile(): string {
  const seed = new TextDecoder().decode(nkeys.createUser().getSeed());
  return `${pemBlock('NATS USER JWT', 'aaaa.s3cret.cccc')}\n${pemBlock('USER NKEY SEED', seed)}`;
}

function pemBlock(name: string, text: string): string {
  return `-----BEGIN ${name}-----\n${text}\n------END ${name}------\n`;
}

describe('the first connection', () => {
  it('waits for a server that is late', async () => {
    const [port = 0] = await freePorts(1);
    const connecting = openBus(`nats://127.0.0.1:${port}`, { connectDeadlineMs: 20_000 });
    await new Promise((resolve) => setTimeout(resolve, 700));
    await ownNats({ port });
    const bus = await connecting;
    await bus.ping();
    // However many tries that took, the trouble was said once.
    expect(bus.logged('nats_connection_failed')).toHaveLength(1);
    expect(bus.logged('nats_connected')).toMatchObject([{ server: `127.0.0.1:${port}` }]);
  });

  it('fails at its deadline, with the reason as the cause', async () => {
    const [port = 0] = await freePorts(1);
    const startedMs = performance.now();
    await expect(
      openBus(`nats://127.0.0.1:${port}`, { connectDeadlineMs: 600 }),
    ).rejects.toMatchObject({ code: 'unavailable', cause: { code: 'CONNECTION_REFUSED' } });
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  it('fails also where the server answers after the deadline: nothing would look for it again', async () => {
    const server = await ownNats();
    const { process: frozen } = server.current();
    await frozen.pause();
    const thaw = setTimeout(() => void frozen.resume(), 800);
    afterTest(async () => clearTimeout(thaw));
    await expect(openBus(server.url, { connectDeadlineMs: 400 })).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('is given up at once when the process is asked to stop', async () => {
    const [port = 0] = await freePorts(1);
    const startedMs = performance.now();
    const signal = AbortSignal.timeout(200);
    await expect(openBus(`nats://127.0.0.1:${port}`, { signal })).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  it('takes the server of a list that answers', async () => {
    const [port = 0] = await freePorts(1);
    const { url } = await testPrefix();
    const bus = await openBus(`nats://127.0.0.1:${port},${url}`);
    expect(bus.connection.getServer()).toBe(new URL(url).host);
  });
});

describe('TLS', () => {
  it('accepts a server that the configured authority signed, by name and by address', async () => {
    const { ours } = await certificates();
    const server = await ownNats({ tls: tlsOf(ours, 'server', { mutual: false }) });
    const tls = { ...noTls, caFile: join(ours, 'ca.crt') };
    for (const host of ['127.0.0.1', 'localhost']) {
      const bus = await openBus(`tls://${host}:${server.port}`, { tls });
      await expect(bus.ping()).resolves.toBeUndefined();
    }
  });

  it('refuses a server that another authority signed, at once', async () => {
    const { ours, theirs } = await certificates();
    const server = await ownNats({ tls: tlsOf(theirs, 'server', { mutual: false }) });
    const startedMs = performance.now();
    for (const tls of [{ ...noTls, caFile: join(ours, 'ca.crt') }, noTls, null]) {
      const url = `nats://127.0.0.1:${server.port}`;
      await expect(openBus(url, { tls })).rejects.toMatchObject({
        code: 'unavailable',
        cause: { message: expect.stringMatching(/certificate/) },
      });
    }
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  it('refuses a server without TLS where TLS is configured', async () => {
    const { ours } = await certificates();
    const { url } = await testPrefix();
    const tls = { ...noTls, caFile: join(ours, 'ca.crt') };
    await expect(openBus(url, { tls })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(openBus(url.replace('nats:', 'tls:'))).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('shows its own certificate where the server asks for one', async () => {
    const { ours, theirs } = await certificates();
    const server = await ownNats({ tls: tlsOf(ours, 'server', { mutual: true }) });
    const url = `tls://127.0.0.1:${server.port}`;
    const caFile = join(ours, 'ca.crt');
    const own = (folder: string) => ({
      caFile,
      certFile: join(folder, 'worker.crt'),
      keyFile: join(folder, 'worker.key'),
    });
    const bus = await openBus(url, { tls: own(ours) });
    await bus.ping();
    const late = { connectDeadlineMs: 3_000 };
    await expect(openBus(url, { tls: { ...noTls, caFile }, ...late })).rejects.toMatchObject({
      code: 'unavailable',
    });
    await expect(openBus(url, { tls: own(theirs), ...late })).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('comes back to a TLS server that restarted', async () => {
    const { ours } = await certificates();
    const server = await ownNats({ tls: tlsOf(ours, 'server', { mutual: false }) });
    const tls = { ...noTls, caFile: join(ours, 'ca.crt') };
    const bus = await openBus(`tls://127.0.0.1:${server.port}`, { tls });
    await server.current().process.kill();
    await server.restart();
    await eventually(() => bus.ping());
    expect(bus.logged('nats_connected')).toHaveLength(2);
  });
});

describe('credentials', () => {
  it.each([
    ['a token', 'token: "s3cret-token"', { kind: 'token', token: 's3cret-token' }],
    [
      'a user and password',
      'user: "worker", password: "s3cret-word"',
      { kind: 'password', user: 'worker', password: 's3cret-word' },
    ],
  ] as const)('are sent as %s, never logged, and refused at once when wrong', async (...row) => {
    const [, authorization, credentials] = row;
    const server = await ownNats();
    const bus = await openBus(server.url, { credentials });
    await askForCredentials(server.current(), authorization);
    await eventually(() =>
      expect(openBus(server.url)).rejects.toMatchObject({ code: 'unavailable' }),
    );
    await eventually(() => bus.ping());
    const wrong = { ...credentials, token: 'wrong', password: 'wrong' };
    const refused = await openBus(server.url, { credentials: wrong }).catch((error) => error);
    expect(refused).toMatchObject({ cause: { code: 'AUTHORIZATION_VIOLATION' } });
    const url = new URL(server.url);
    url.username = credentials.kind === 'token' ? credentials.token : credentials.user;
    if (credentials.kind === 'password') url.password = credentials.password;
    const byUrl = await openBus(url.toString());
    await byUrl.ping();
    const told = JSON.stringify([bus.lines, byUrl.lines, String(refused), String(refused.cause)]);
    expect(told).not.toMatch(/s3cret/);
  });

  it('are read from a file for each connection, and a missing one ends it at once', async () => {
    const server = await ownNats();
    const folder = await mkdtemp(join(tmpdir(), 'windlass-nats-creds-'));
    afterTest(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'worker.creds');
    const credentials = { kind: 'file', path } as const;
    const refused: unknown = await openBus(server.url, { credentials }).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: 'unavailable', cause: { code: 'ENOENT' } });
    await writeFile(path, credentialsFile());
    const bus = await openBus(server.url, { credentials });
    await rm(path);
    await server.current().process.kill();
    await server.restart();
    await eventually(() => expect(bus.logged('nats_connection_failed')).toHaveLength(2));
    await writeFile(path, credentialsFile());
    await eventually(() => bus.ping());
    expect(JSON.stringify(bus.lines)).not.toMatch(/SUA|s3cret/);
  });

  it('that stop being accepted are tried again for ever, and said once', async () => {
    const server = await ownNats();
    const bus = await openBus(server.url, { credentials: { kind: 'token', token: 'old' } });
    await askForCredentials(server.current(), 'token: "new"');
    await eventually(() => expect(bus.logged('nats_connection_lost')).toHaveLength(1));
    const failures = async () =>
      Number(/events_total\{event="dial_failed".*\} (\d+)/.exec(await bus.metrics.text())?.[1]);
    await eventually(async () => expect(await failures()).toBeGreaterThan(4));
    expect(bus.logged('nats_connection_failed')).toHaveLength(1);
    await expect(bus.ping()).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('core messages', () => {
  it('reach whoever listens, also after the server restarted', async () => {
    const server = await ownNats();
    const [bus, other] = [await openBus(server.url), await openBus(server.url)];
    const received: string[] = [];
    let gaps = 0;
    const subscription = subscribeCore(other, {
      subject: 'stack.activity',
      onGap: () => {
        gaps += 1;
      },
      onMessage: ({ type, payload }) => {
        received.push(`${type} ${new TextDecoder().decode(payload)}`);
        if (payload.length === 3) throw new Error('a bug of the reader');
      },
    });
    const say = (text: string) =>
      publishCore(bus, { subject: 'stack.activity', type: 'T', payload: Buffer.from(text) });
    await other.ping();
    expect(say('one')).toBe(true);
    await eventually(() => expect(received).toEqual(['T one']));
    expect(other.logged('nats_core_message_failed')).toHaveLength(1);
    await server.current().process.kill();
    await eventually(() => expect(say('lost')).toBe(false));
    await server.restart();
    await eventually(() => Promise.all([bus.ping(), other.ping()]));
    expect(gaps).toBe(1);
    expect(say('two.')).toBe(true);
    await eventually(() => expect(received).toEqual(['T one', 'T two.']));
    subscription.stop();
    await other.ping();
    say('three');
    await bus.ping();
    await other.ping();
    expect(received).toHaveLength(2);
  });
});

describe('close', () => {
  it('ends what waits for a connection, and stays closed', async () => {
    const server = await ownNats();
    const bus = await openBus(server.url);
    await server.current().process.kill();
    await eventually(() => expect(bus.internal.link.attachment).toBeNull());
    const waiting = bus.internal.link.whenConnected(60_000);
    const startedMs = performance.now();
    await bus.close();
    expect(await waiting).toBeNull();
    expect(performance.now() - startedMs).toBeLessThan(6_000);
    await server.restart();
    await expect(bus.ping()).rejects.toMatchObject({ code: 'unavailable' });
    expect(bus.logged('nats_connected')).toHaveLength(1);
  });
});
