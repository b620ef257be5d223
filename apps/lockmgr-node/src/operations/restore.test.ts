import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSettings } from '@windlass/config';
import { LockMachine } from '@windlass/lock-machine';
import { acquire, LockCode } from '@windlass/lock-wire';
import { type TemporaryFolder, temporaryFolder } from '@windlass/testkit';
import { openWal } from '@windlass/wal';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { settings as definition } from '../config.ts';
import { imageOf, tokenFloorAt } from '../formation/first-state.ts';
import { replicaFrom, replicaSettings } from '../node/start-member.ts';
import { backupMark } from './backup.ts';
import { type RestoreParts, restoreBackup } from './restore.ts';

const nowMs = Date.UTC(2026, 6, 1);
const session = 7;

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

/** A session that holds one lock, was silent, and is waited for by another. */
function oldMachine(token: number): LockMachine {
  const machine = new LockMachine();
  const open = { kind: 'open-session', ttlMs: 30_000, clientName: 'old' } as const;
  const operation = acquire({ sequence: 1, key: 'invoice-42', waitMs: 1_000 });
  machine.apply({ index: 5, term: 3 }, [
    { kind: 'raise-tokens', floor: token },
    { ...open, sessionId: session },
    { ...open, sessionId: 8 },
    { kind: 'operation', sessionId: session, operation, acknowledgedSequence: 0 },
    { kind: 'operation', sessionId: 8, operation, acknowledgedSequence: 0 },
  ]);
  machine.apply({ index: 6, term: 3 }, [
    { kind: 'session-silent', sessionId: session, remainingMs: 1_000, lastIndex: 5, term: 3 },
  ]);
  return machine;
}

async function backupOf(machine: LockMachine): Promise<string> {
  const pieces: Uint8Array[] = [backupMark];
  for await (const piece of imageOf(machine)) pieces.push(piece);
  const file = join(folder.path, 'backup');
  await writeFile(file, Buffer.concat(pieces));
  return file;
}

function partsOf(file: string, ids: readonly number[] = [100, 200]): RestoreParts {
  const left = [...ids];
  return {
    file,
    dataFolder: join(folder.path, 'data'),
    nodeName: 'lockmgr-0',
    address: 'lockmgr-0:9090',
    regionId: 'us-east',
    nowMs,
    newId: () => left.shift() ?? 0,
  };
}

/** The node as it would start on the folder. */
async function started() {
  const opened = await openWal(join(folder.path, 'data/log'));
  if (!opened.ok) throw new Error(opened.error.message);
  const { identity, start, wal } = opened.value;
  const parsed = parseSettings(definition, {});
  if (!parsed.ok || identity === null) throw new Error('no identity');
  const settings = replicaSettings(parsed.value, identity.nodeId, () => 1);
  const replica = await replicaFrom(settings, wal, start);
  await wal.close();
  return { identity, replica };
}

it('makes a cluster of one voter with new ids, and keeps sessions, locks and queues', async () => {
  const restored = await restoreBackup(partsOf(await backupOf(oldMachine(50))));
  const counts = { sessions: 2, locks: 1, waiters: 1 };
  expect(restored).toMatchObject({ ok: true, value: { ...counts, clusterId: 200, nodeId: 100 } });
  const { identity, replica } = await started();
  expect(identity).toMatchObject({ clusterId: 200, nodeId: 100, name: 'lockmgr-0' });
  expect(replica.raft.status().configuration).toEqual({
    voters: [100],
    outgoing: [],
    learners: [],
    members: [{ id: 100, name: 'lockmgr-0', address: 'lockmgr-0:9090' }],
  });
  expect(replica.machine.counts()).toMatchObject(counts);
  expect(replica.machine.get('invoice-42')?.holders).toMatchObject([
    { sessionId: session, token: 51 },
  ]);
});

it('starts the TTLs anew: nobody is silent by the log', async () => {
  await restoreBackup(partsOf(await backupOf(oldMachine(50))));
  const { replica } = await started();
  expect([...replica.machine.sessions()].map(({ remainingMs }) => remainingMs)).toEqual([
    null,
    null,
  ]);
});

it.each([
  ['by the time, where that is more', 50, tokenFloorAt(nowMs)],
  ['by the backup, where its tokens are ahead of the time', 2 ** 52, 2 ** 52 + 1],
])('raises the tokens %s', async (_, token, floor) => {
  const restored = await restoreBackup(partsOf(await backupOf(oldMachine(token))));
  expect(restored).toMatchObject({ value: { tokenBefore: token + 1, tokenAfter: floor } });
  const { replica } = await started();
  expect(replica.machine.counts().lastToken).toBe(floor);
});

it('goes on at an index beyond the old ones, so that whoever watched is told of a gap', async () => {
  const file = await backupOf(oldMachine(50));
  const first = await restoreBackup(partsOf(file));
  const index = first.ok ? first.value.index : 0;
  expect(index).toBeGreaterThan(16 * 365 * 24 * 3_600_000);
  expect((await started()).replica.machine.appliedIndex).toBe(index);
});

it('refuses a folder with anything in it, and leaves it as it was', async () => {
  const parts = partsOf(await backupOf(oldMachine(50)));
  await mkdir(parts.dataFolder);
  await writeFile(join(parts.dataFolder, 'candidate-id'), '1\n');
  const refused = await restoreBackup(parts);
  expect(refused).toMatchObject({ ok: false, error: expect.stringContaining('(candidate-id)') });
  expect(await readdir(parts.dataFolder)).toEqual(['candidate-id']);
});

it("takes a new volume, and one where a restore was broken off; not a cluster's twice", async () => {
  const parts = partsOf(await backupOf(oldMachine(50)), [1, 2, 3, 4]);
  await mkdir(join(parts.dataFolder, 'lost+found'), { recursive: true });
  await mkdir(join(parts.dataFolder, 'log.restoring'));
  await writeFile(join(parts.dataFolder, 'log.restoring/mark'), 'half');
  expect(await restoreBackup(parts)).toMatchObject({ ok: true });
  expect((await readdir(parts.dataFolder)).toSorted()).toEqual(['log', 'lost+found']);
  expect(await restoreBackup(parts)).toMatchObject({ ok: false });
});

it.each([
  ['of something else', (bytes: Buffer) => bytes.subarray(1), 'no backup'],
  ['cut off', (bytes: Buffer) => bytes.subarray(0, -9), 'the backup is'],
  [
    'altered',
    (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -20), bytes.subarray(-20).reverse()]),
    'the backup is',
  ],
])('refuses a file that is %s, and makes nothing of it', async (_, spoil, message) => {
  const file = await backupOf(oldMachine(50));
  const { readFile } = await import('node:fs/promises');
  await writeFile(file, spoil(await readFile(file)));
  const refused = await restoreBackup(partsOf(file));
  expect(refused).toMatchObject({ ok: false, error: expect.stringContaining(message) });
  expect(await readdir(folder.path)).toEqual(['backup']);
});

it('keeps what the old cluster has answered', async () => {
  const machine = oldMachine(50);
  await restoreBackup(partsOf(await backupOf(machine)));
  const { replica } = await started();
  const operation = acquire({ sequence: 1, key: 'invoice-42', waitMs: 1_000 });
  const { results } = replica.machine.apply({ index: replica.machine.appliedIndex + 1, term: 2 }, [
    { kind: 'operation', sessionId: session, operation, acknowledgedSequence: 0 },
  ]);
  expect(results).toMatchObject([{ result: { code: LockCode.Ok, token: 51 } }]);
});
