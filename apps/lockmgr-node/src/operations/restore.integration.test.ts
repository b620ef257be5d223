/** Backup and restore as an operator does them, with real processes; invariant 2 across restores. */
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { credentials } from '@grpc/grpc-js';
import { grpcClient } from '@windlass/grpc';
import { LockService } from '@windlass/proto/lock/v1';
import { ClusterService } from '@windlass/proto/lock/v1/cluster';
import { createMetrics } from '@windlass/telemetry';
import {
  eventually,
  freePorts,
  startLockmgr,
  type TemporaryFolder,
  temporaryFolder,
} from '@windlass/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';

const deadlineMs = 5_000;
const token = '5f2a90c1d3b84e67';
const mainModule = fileURLToPath(new URL('../main.ts', import.meta.url));

const cleanups: (() => Promise<void> | void)[] = [];
let folder: TemporaryFolder;
beforeEach(async () => {
  folder = temporaryFolder();
  cleanups.push(folder.remove);
  await writeFile(join(folder.path, 'token'), `${token}\n`);
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

type CommandEnd = {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly said: string;
};

function command(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return new Promise<CommandEnd>((resolve) => {
    const options = { env: { ...env }, timeout: 30_000 };
    const child = execFile(process.execPath, [mainModule, ...argv], options, (_, stdout, said) =>
      resolve({ exitCode: child.exitCode, stdout, said }),
    );
  });
}

async function cluster(name: string, ports: readonly number[]) {
  const dataDir = join(folder.path, name);
  const env = { ADMIN_TOKEN: token };
  const started = await startLockmgr({ nodes: ports.length, ports, dataDir, env });
  cleanups.push(started.stop);
  return started;
}

function clientsOf(address: string) {
  const options = { credentials: credentials.createInsecure(), metrics: createMetrics('test') };
  const locks = grpcClient(LockService, address, options);
  const operators = grpcClient(ClusterService, address, options);
  cleanups.push(locks.close, operators.close);
  return { locks: locks.calls, operators: operators.calls };
}

/** Grants of a session of their own; released again but for those of the last key. */
async function grants(address: string, keys: readonly string[]): Promise<readonly bigint[]> {
  const { locks } = clientsOf(address);
  const { sessionId } = await eventually(() =>
    locks.openSession({ ttlMs: 300_000, clientName: 'before' }, { deadlineMs }),
  );
  const tokens: bigint[] = [];
  for (const key of keys) {
    const { grant } = await locks.acquire({ sessionId, acquire: { key } }, { deadlineMs });
    tokens.push(grant?.token ?? 0n);
  }
  return tokens;
}

function dataFolderOf(name: string): string {
  return join(folder.path, name, 'lockmgr-0/data');
}

function restore(name: string, file: string, ports: readonly number[]): Promise<CommandEnd> {
  const peers = ports.map((port, index) => `lockmgr-${index}=127.0.0.1:${port}`).join(',');
  const env = { DATA_FOLDER: dataFolderOf(name), NODE_NAME: 'lockmgr-0', LOCKMGR_PEERS: peers };
  return command(['restore', '--file', file], env);
}

it('never issues a token twice, also after two restores of one backup', {
  timeout: 90_000,
}, async () => {
  const ports = await freePorts(1);
  const address = `127.0.0.1:${ports[0]}`;
  const file = join(folder.path, 'backup');
  const all: bigint[] = [];
  const first = await cluster('first', ports);
  all.push(...(await grants(address, ['a', 'b'])));
  const args = ['backup', '--file', file, '--address', address];
  expect(await command(args)).toMatchObject({
    exitCode: 3,
    said: expect.stringContaining('ADMIN_TOKEN'),
  });
  expect(await readdir(folder.path)).not.toContain('backup');
  const taken = await command([...args, '--token-file', join(folder.path, 'token')]);
  expect(taken).toMatchObject({ exitCode: 0, said: expect.stringContaining('2 locks') });
  all.push(...(await grants(address, ['c', 'd'])));
  await first.stop();
  for (const name of ['second', 'third']) {
    const restored = await restore(name, file, ports);
    expect(restored).toMatchObject({ exitCode: 0, said: expect.stringContaining('2 locks') });
    const again = await restore(name, file, ports);
    expect(again).toMatchObject({ exitCode: 3, said: expect.stringContaining("isn't empty") });
    const started = await cluster(name, ports);
    const { operators, locks } = clientsOf(address);
    expect(await operators.status({}, { deadlineMs })).toMatchObject({ lockCount: 2n });
    const { lock } = await locks.get({ key: 'a' }, { deadlineMs });
    expect(lock?.holders).toMatchObject([{ token: all[0], clientName: 'before' }]);
    all.push(...(await grants(address, ['c', 'd', 'e'])));
    await started.stop();
  }
  expect(all).toHaveLength(10);
  expect(new Set(all).size).toBe(10);
  expect(all).toEqual(all.toSorted((left, right) => (left < right ? -1 : 1)));
});

it('begins with one node, and grows to three that outlive it', { timeout: 90_000 }, async () => {
  const [port, ...more] = await freePorts(4);
  const old = [port ?? 0];
  const file = join(folder.path, 'backup');
  const first = await cluster('first', old);
  await grants(`127.0.0.1:${port}`, ['a']);
  const env = { ADMIN_TOKEN: token };
  const args = ['--address', `127.0.0.1:${port}`];
  const streamed = await command(['backup', '--file', '-', ...args], env);
  expect(streamed).toMatchObject({ exitCode: 0 });
  expect(await command(['backup', '--file', file, ...args], env)).toMatchObject({ exitCode: 0 });
  expect(Buffer.byteLength(streamed.stdout)).toBeGreaterThan(0);
  expect((await readFile(file)).subarray(0, 17).toString()).toBe('WINDLASS LOCKS 1\n');
  await first.stop();

  expect(await restore('new', file, more)).toMatchObject({ exitCode: 0 });
  const addresses = more.map((each) => `127.0.0.1:${each}`);
  const starting = cluster('new', more);
  const { operators } = clientsOf(addresses[0] ?? '');
  const metadata = { authorization: `Bearer ${token}` };
  for (const [index, address] of addresses.entries()) {
    if (index === 0) continue;
    const member = { name: `lockmgr-${index}`, address };
    await eventually(() => operators.addMember(member, { deadlineMs, metadata }), {
      deadlineMs: 20_000,
    });
  }
  const started = await starting;
  await eventually(async () => {
    const { members } = await operators.status({}, { deadlineMs });
    expect(members.map(({ role }) => role)).toEqual([1, 1, 1]);
  });
  await started.nodes[0]?.kill();
  const { locks } = clientsOf(addresses[1] ?? '');
  const { lock } = await eventually(() => locks.get({ key: 'a' }, { deadlineMs }));
  expect(lock?.holderCount).toBe(1);
});
