/**
 * Opens a folder: takes its lock, reads what is there, and cuts off what was never acknowledged.
 * Nothing is repaired by guess: whatever was known to be durable and isn't there any more is damage,
 * and stops the node.
 *
 * Next: read-log.ts, choose-snapshot.ts, then wal.ts.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { assert, fail, ok, type Result } from '@windlass/base';
import type { HardState, SnapshotDescription } from '@windlass/raft';
import { chooseSnapshot } from './choose-snapshot.ts';
import {
  damaged,
  damageOf,
  FailureLatch,
  type WalDamage,
  WalDamagedError,
  WalDamageKind,
} from './damage.ts';
import { syncData, systemFiles, temporarySuffix, type WalFiles, writeAt } from './files.ts';
import { logIdBytes } from './framed-file.ts';
import { readIdentity } from './identity-file.ts';
import {
  lockRetryMs,
  lockWaitMsDefault,
  markSyncDelayMsDefault,
  segmentBytesDefault,
  segmentBytesMax,
  segmentBytesMin,
  spareSegmentsMaxDefault,
} from './limits.ts';
import { createMarkFile, readMarkFile } from './mark-file.ts';
import { MarkKeeper } from './mark-keeper.ts';
import {
  identityName,
  lockName,
  markName,
  segmentName,
  segmentNumber,
  snapshotPlace,
} from './names.ts';
import { type ReadLog, readLog } from './read-log.ts';
import { recordSeed } from './record.ts';
import { SegmentPool } from './segment-pool.ts';
import { SnapshotStore } from './snapshot-store.ts';
import type { Identity, OpenedWal, WalOptions } from './types.ts';
import { tellingUnreadable } from './unreadable.ts';
import { type CurrentSegment, WriteAheadLog } from './wal.ts';

type Settings = Required<WalOptions>;

/**
 * Opens the log of a node, or begins one in an empty or absent folder. What stands in the way is a
 * value; errors of the system other than a disk that can't be read (EIO) are thrown.
 */
export async function openWal(
  folder: string,
  options: WalOptions = {},
): Promise<Result<OpenedWal, WalDamage>> {
  const settings = completed(options);
  const { files } = settings;
  await files.makeFolder(folder);
  const release = await takeLock(files, `${folder}/${lockName}`, settings.lockWaitMs);
  if (release === null) {
    return fail(damageOf(WalDamageKind.InUse, lockName, 0, 'another process has the folder open'));
  }
  try {
    return ok(await openLocked(folder, settings, release));
  } catch (error) {
    release();
    if (error instanceof WalDamagedError) return fail(error.damage);
    throw error;
  }
}

function completed(options: WalOptions): Settings {
  const settings = {
    segmentBytes: options.segmentBytes ?? segmentBytesDefault,
    spareSegmentsMax: options.spareSegmentsMax ?? spareSegmentsMaxDefault,
    markSyncDelayMs: options.markSyncDelayMs ?? markSyncDelayMsDefault,
    lockWaitMs: options.lockWaitMs ?? lockWaitMsDefault,
    observer: options.observer ?? {},
    files: options.files ?? systemFiles,
  };
  const { segmentBytes } = settings;
  assert(
    segmentBytes % 4_096 === 0 &&
      segmentBytes >= segmentBytesMin &&
      segmentBytes <= segmentBytesMax,
    `segmentBytes is a multiple of 4096 from ${segmentBytesMin} to ${segmentBytesMax}`,
  );
  assert(settings.spareSegmentsMax >= 1, 'there is room for one spare segment');
  return settings;
}

async function takeLock(
  files: WalFiles,
  path: string,
  waitMs: number,
): Promise<(() => void) | null> {
  const deadlineMs = performance.now() + waitMs;
  for (;;) {
    const release = files.lock(path);
    if (release !== null || performance.now() >= deadlineMs) return release;
    await pause(lockRetryMs);
  }
}

async function openLocked(
  folder: string,
  settings: Settings,
  release: () => void,
): Promise<OpenedWal> {
  const { files } = settings;
  const names = await removeTemporary(files, folder);
  const readable = tellingUnreadable(files);
  if (!names.includes(markName)) await makeLog(files, folder, names);
  const { logId, mark } = await readMarkFile(readable, folder);
  const identity = names.includes(identityName)
    ? await readIdentity(readable, folder, logId)
    : null;
  const log = await readLog(readable, folder, names, logId, mark);
  if (identity === null && log.sequence > 0) {
    const message = 'is missing, but the log of a node is there';
    throw damaged(WalDamageKind.MissingIdentity, identityName, 0, message);
  }
  const chosen = await chooseSnapshot({ files: readable, folder, logId }, names, log.replay);
  const description = chosen.snapshot?.description ?? null;
  const stored = [chosen.older, chosen.snapshot].filter((each) => each !== null);
  const wal = await build(folder, settings, release, { logId, log, stored, identity });
  const hardState = startState(log.replay.hardState, description, log.replay.last.index);
  const { last } = log.replay;
  if (description !== null && description.index > last.index) {
    // A leader applies what two others have durable, and so may save a snapshot beyond its own log.
    await wal.rebase(description, { hardState, entries: [] });
  }
  const entries = log.replay.entriesAfter(description?.index ?? 0);
  const start = { hardState, snapshot: description, entries };
  return { wal, identity, start, tornBytes: log.tornBytes, warnings: chosen.warnings };
}

/** Removes what was being made when the process ended. Gives the names that are left. */
async function removeTemporary(files: WalFiles, folder: string): Promise<readonly string[]> {
  const names = await files.list(folder);
  for (const name of names.filter((each) => each.endsWith(temporarySuffix))) {
    await files.remove(`${folder}/${name}`);
  }
  return names.filter((name) => !name.endsWith(temporarySuffix));
}

/** The mark comes first: without it nothing else of a log may be there. */
async function makeLog(files: WalFiles, folder: string, names: readonly string[]): Promise<void> {
  const other = names.find(
    (name) => name === identityName || segmentNumber(name) !== null || snapshotPlace(name) !== null,
  );
  if (other !== undefined) {
    throw damaged(WalDamageKind.MissingMark, markName, 0, `is missing, but ${other} is there`);
  }
  await createMarkFile(files, folder, randomBytes(logIdBytes));
}

type Found = {
  readonly logId: Buffer;
  readonly log: ReadLog;
  readonly stored: ConstructorParameters<typeof SnapshotStore>[1];
  readonly identity: Identity | null;
};

async function build(
  folder: string,
  settings: Settings,
  release: () => void,
  found: Found,
): Promise<WriteAheadLog> {
  const { files, segmentBytes, spareSegmentsMax, observer } = settings;
  const { logId, log, stored } = found;
  const latch = new FailureLatch((error) => observer.failed?.(error));
  const lastInUse = log.segments.at(-1)?.number ?? 0;
  const spares = await usableSpares(folder, settings, log);
  const poolSettings = { files, folder, segmentBytes, spareSegmentsMax, latch };
  const pool = new SegmentPool(poolSettings, lastInUse, spares);
  // Only the very first segment is waited for.
  if (log.segments.length === 0) await pool.create();
  else pool.prepare();
  const markFile = await files.open(`${folder}/${markName}`, 'write');
  return new WriteAheadLog({
    files,
    folder,
    logId,
    segmentBytes,
    observer,
    latch,
    pool,
    snapshots: new SnapshotStore({ files, folder, logId, latch }, stored),
    mark: new MarkKeeper(markFile, recordSeed(logId), settings.markSyncDelayMs, latch),
    release,
    hasIdentity: found.identity !== null,
    segments: log.segments.slice(0, -1),
    current: await openCurrent(files, folder, log),
    floorIndex: log.replay.base.index,
    end: {
      sequence: log.sequence,
      checksum: log.checksum,
      last: log.replay.last,
      hardState: log.replay.hardState,
    },
  });
}

/** Opens the segment that goes on, and makes zeroes of a torn record. */
async function openCurrent(
  files: WalFiles,
  folder: string,
  log: ReadLog,
): Promise<CurrentSegment | null> {
  const segment = log.segments.at(-1);
  if (segment === undefined) return null;
  const file = await files.open(`${folder}/${segmentName(segment.number)}`, 'write');
  if (log.tornBytes > 0) {
    await writeAt(file, Buffer.alloc(log.tornBytes), log.endOffset);
    await syncData(file);
  }
  return { ...segment, file, offset: log.endOffset };
}

/** Removes spare segments that another setting made, and those after a gap, from the last on. */
async function usableSpares(
  folder: string,
  settings: Settings,
  log: ReadLog,
): Promise<readonly number[]> {
  const { files, segmentBytes, spareSegmentsMax } = settings;
  const lastInUse = log.segments.at(-1)?.number ?? (log.spares[0]?.number ?? 1) - 1;
  const wrong = log.spares.findIndex(
    ({ number, fileBytes }, place) =>
      number !== lastInUse + 1 + place || fileBytes !== segmentBytes || place >= spareSegmentsMax,
  );
  const usable = wrong === -1 ? log.spares : log.spares.slice(0, wrong);
  for (const { number } of log.spares.slice(usable.length).toReversed()) {
    await files.remove(`${folder}/${segmentName(number)}`);
    await files.syncFolder(folder);
  }
  return usable.map(({ number }) => number);
}

/** The snapshot is of committed entries, and no index beyond the log can be applied. */
function startState(
  found: HardState,
  snapshot: SnapshotDescription | null,
  lastIndex: number,
): HardState {
  const place = snapshot ?? { index: 0, term: 0 };
  const commit = Math.min(Math.max(found.commit, place.index), Math.max(lastIndex, place.index));
  // A log ends at a term that its node has seen. In one not seen before it has no vote.
  if (place.term > found.term) return { term: place.term, votedFor: 0, commit };
  return { ...found, commit };
}
