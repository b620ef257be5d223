/**
 * A new cluster of one node from a backup. It has the backup's sessions, locks and queues, and
 * nothing else of the old cluster: another identity, so that no node of the old one is ever heard,
 * and tokens and log indexes beyond all that the old one can have given out.
 *
 * docs/runbooks/lock-members.md says what an operator does before and after.
 */
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '@windlass/base';
import type { LockMachine } from '@windlass/lock-machine';
import type { SnapshotDescription } from '@windlass/raft';
import { openWal } from '@windlass/wal';
import { imageOf, tokenEpochMs, tokenFloorAt } from '../formation/first-state.ts';
import { readBackup } from './backup.ts';

/** What of a data folder may be there: ext4 has it in every volume. */
const foreignNames: ReadonlySet<string> = new Set(['lost+found']);

/** The log while it is being made. It gets its name when it is whole. */
const unfinishedName = 'log.restoring';

/** Log entries that the old cluster would have needed in each millisecond, all its life long. */
const indexesPerMs = 16;

/** The first term: a new cluster knows no older one. */
const term = 1;

export type RestoreParts = {
  readonly file: string;
  readonly dataFolder: string;
  readonly nodeName: string;
  /** Where the others will reach this node. */
  readonly address: string;
  readonly regionId: string;
  readonly nowMs: number;
  /** A random number in [1, 2^53). */
  readonly newId: () => number;
};

export type Restored = {
  readonly clusterId: number;
  readonly nodeId: number;
  readonly index: number;
  readonly sessions: number;
  readonly locks: number;
  readonly waiters: number;
  /** The newest token in the backup, and the one that the next grants follow. */
  readonly tokenBefore: number;
  readonly tokenAfter: number;
};

/** Fails where the folder or the backup can't be used; nothing is changed then. */
export async function restoreBackup(parts: RestoreParts): Promise<Result<Restored, string>> {
  const { dataFolder, file, newId, nodeName, regionId } = parts;
  const found = await namesIn(dataFolder);
  if (found.length > 0) {
    const what = found.slice(0, 5).join(', ');
    return fail(
      `the folder ${dataFolder} isn't empty (${what}): a restore begins a new cluster in an empty ` +
        'one. If what is there belongs to the old cluster, move it away first.',
    );
  }
  let machine: LockMachine;
  try {
    machine = await readBackup(createReadStream(file));
  } catch (error) {
    return fail(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const before = machine.counts();
  const nodeId = newId();
  const description = renewed(machine, parts, nodeId);
  const unfinished = join(dataFolder, unfinishedName);
  await mkdir(dataFolder, { recursive: true });
  await rm(unfinished, { recursive: true, force: true });
  const opened = await openWal(unfinished);
  if (!opened.ok) return fail(`${opened.error.file}: ${opened.error.message}`);
  const { wal } = opened.value;
  const clusterId = newId();
  try {
    const attributes = { region: regionId };
    await wal.setIdentity({ clusterId, nodeId, name: nodeName, attributes });
    await wal.receiveSnapshot(description, imageOf(machine));
    const hardState = { term, votedFor: 0, commit: description.index };
    await wal.installSnapshot({ snapshot: description, hardState, entries: [] });
  } finally {
    await wal.close();
  }
  await rename(unfinished, join(dataFolder, 'log'));
  await syncFolder(dataFolder);
  const { locks, sessions, waiters, lastToken } = machine.counts();
  const { index } = description;
  const tokenBefore = before.lastToken;
  return ok({
    clusterId,
    nodeId,
    index,
    sessions,
    locks,
    waiters,
    tokenBefore,
    tokenAfter: lastToken,
  });
}

/** The backup's state as the new cluster begins with it. */
function renewed(
  machine: LockMachine,
  { address, nodeName, nowMs }: RestoreParts,
  nodeId: number,
): SnapshotDescription {
  // Whoever watched the old cluster is told of a gap: its index is below the new ones.
  const indexFloor = Math.max(nowMs - tokenEpochMs, 0) * indexesPerMs;
  const index = Math.max(machine.appliedIndex + 1, indexFloor);
  const heard = [...machine.sessions()]
    .map(({ sessionId }) => ({ kind: 'session-heard', sessionId }) as const)
    .toSorted((left, right) => left.sessionId - right.sessionId);
  const raised = { kind: 'raise-tokens', floor: tokenFloorAt(nowMs) } as const;
  machine.apply({ index, term }, [...heard, raised]);
  const member = { id: nodeId, name: nodeName, address };
  const configuration = { voters: [nodeId], outgoing: [], learners: [], members: [member] };
  return { index, term, configuration };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => name !== unfinishedName && !foreignNames.has(name)).toSorted();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
