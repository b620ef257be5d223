/** TLS with certificates of an own authority, and grpcurl as a client that isn't ours. */
import { execFile } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { status as codes } from '@grpc/grpc-js';
import { LockService } from '@windlass/proto/lock/v1';
import { locateServers, temporaryFolder, writeCertificates } from '@windlass/testkit';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { grpcClient } from './client.ts';
import { errorOf, metrics } from './testing/clients.ts';
import { type DemoServer, startDemoServer } from './testing/demo-server.ts';
import { type ClientTlsFiles, clientCredentials } from './tls.ts';

const deadlineMs = 5_000;
const folder = temporaryFolder();
const first = join(folder.path, 'first');
const second = join(folder.path, 'second');
const used = join(folder.path, 'used');
const run = promisify(execFile);
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  const request = { servers: ['server'], clients: { app: { user: 'app', group: 'nodes' } } };
  await writeCertificates(first, request);
  await writeCertificates(second, request);
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const serverFiles = (dir: string, isMutual: boolean) => ({
  certificateFile: join(dir, 'server.crt'),
  privateKeyFile: join(dir, 'server.key'),
  ...(isMutual && { clientCaFile: join(dir, 'ca.crt') }),
});
const mutualFiles = (dir: string): ClientTlsFiles => ({
  caFile: join(dir, 'ca.crt'),
  certificateFile: join(dir, 'app.crt'),
  privateKeyFile: join(dir, 'app.key'),
});

async function start(options: Parameters<typeof startDemoServer>[0]): Promise<DemoServer> {
  const demo = await startDemoServer(options);
  ends.push(() => demo.server.close(200));
  return demo;
}

function connect(demo: DemoServer, files: ClientTlsFiles | null) {
  const credentials = clientCredentials(files);
  const client = grpcClient(LockService, demo.address, { credentials, metrics });
  ends.push(() => client.close());
  return () => client.calls.validate({ key: 'a' }, { deadlineMs });
}

describe('mutual TLS', () => {
  it('tells who calls, and refuses who shows no certificate of the authority', async () => {
    const demo = await start({ tls: serverFiles(first, true) });
    expect(await connect(demo, mutualFiles(first))()).toMatchObject({ valid: true });
    expect(demo.seen.peers.at(-1)?.certificate).toMatchObject({
      commonName: 'app',
      organizations: ['nodes'],
    });
    const { caFile } = mutualFiles(first);
    const refused = [
      connect(demo, { caFile: caFile ?? '' }),
      connect(demo, null),
      connect(demo, { ...mutualFiles(second), caFile: caFile ?? '' }),
    ];
    for (const call of refused) {
      expect(await errorOf(call())).toMatchObject({ code: codes.UNAVAILABLE });
    }
    expect(demo.seen.peers).toHaveLength(1);
  });
});

describe('TLS', () => {
  it('asks clients for nothing, and is checked by them', async () => {
    const demo = await start({ tls: serverFiles(first, false) });
    expect(await connect(demo, { caFile: join(first, 'ca.crt') })()).toMatchObject({ valid: true });
    expect(demo.seen.peers.at(-1)).toMatchObject({ certificate: null });
    const stranger = connect(demo, { caFile: join(second, 'ca.crt') });
    expect(await errorOf(stranger())).toMatchObject({ code: codes.UNAVAILABLE });
  });

  it('takes renewed files for new connections, keeps open ones, and ignores broken files', async () => {
    cpSync(first, used, { recursive: true });
    const demo = await start({ tls: serverFiles(used, false), reloadIntervalMs: 20 });
    const early = connect(demo, { caFile: join(first, 'ca.crt') });
    await early();
    writeFileSync(join(used, 'server.crt'), 'half of a certif');
    const logged = (msg: string) => demo.entries.some((entry) => entry['msg'] === msg);
    await vi.waitFor(() => expect(logged('certificates_not_usable')).toBe(true));
    expect(await connect(demo, { caFile: join(first, 'ca.crt') })()).toMatchObject({ valid: true });
    cpSync(second, used, { recursive: true });
    await vi.waitFor(() => expect(logged('certificates_reloaded')).toBe(true));
    expect(await connect(demo, { caFile: join(second, 'ca.crt') })()).toMatchObject({
      valid: true,
    });
    expect(await early()).toMatchObject({ valid: true });
    const late = connect(demo, { caFile: join(first, 'ca.crt') });
    expect(await errorOf(late())).toMatchObject({ code: codes.UNAVAILABLE });
  });

  it('refuses to start with files that are not a pair', async () => {
    const tls = { ...serverFiles(first, false), privateKeyFile: join(second, 'server.key') };
    await expect(startDemoServer({ tls })).rejects.toThrow('key values mismatch');
  });
});

describe('grpcurl', () => {
  const grpcurl = async (...parameters: readonly string[]) => {
    const { stdout } = await run(locateServers().path('grpcurl'), parameters, { timeout: 20_000 });
    return stdout;
  };

  it('lists, describes and calls, by reflection alone', async () => {
    const demo = await start({ tls: serverFiles(first, true) });
    const tls = ['-cacert', join(first, 'ca.crt'), '-cert', join(first, 'app.crt')];
    tls.push('-key', join(first, 'app.key'));
    const { address } = demo;
    expect((await grpcurl(...tls, address, 'list')).trim().split('\n')).toEqual([
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'windlass.lock.internal.v1.RaftService',
      'windlass.lock.v1.LockService',
    ]);
    const described = await grpcurl(...tls, address, 'describe', 'windlass.lock.v1.Acquire');
    expect(described).toContain('uint32 wait_ms = 5;');
    const method = await grpcurl(...tls, address, 'describe', 'google.rpc.Status').catch(String);
    expect(method).toContain('not found');
    const answer = ['-d', '{"key":"a"}', address, 'windlass.lock.v1.LockService/Validate'];
    expect(JSON.parse(await grpcurl(...tls, ...answer))).toEqual({ valid: true });
    const health = await grpcurl(...tls, address, 'grpc.health.v1.Health/Check');
    expect(JSON.parse(health)).toEqual({ status: 'SERVING' });
  });

  it('shows a refusal with its details', async () => {
    const demo = await start({});
    const parameters = ['-plaintext', '-d', '{"key":"detail"}', demo.address];
    const refused = grpcurl(...parameters, 'windlass.lock.v1.LockService/Validate');
    const error: unknown = await refused.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ stderr: expect.stringContaining('LOCK_CODE_NOT_HELD') });
  });
});
