/** A disk that fails: nothing is acknowledged from then on, and nothing tried again. */
import { expect, it } from 'vitest';
import { WalFailedError } from './damage.ts';
import { MemoryDisk, systemError } from './testing/memory-disk.ts';
import { difference, emptyModel } from './testing/model-log.ts';
import { command, identity, snapshotAt, stateOf } from './testing/sample-data.ts';
import { opened } from './testing/workload.ts';
import type { WalBatch } from './types.ts';

const folder = '/node';
const settings = { segmentBytes: 4_096, lockWaitMs: 0, markSyncDelayMs: 1 };

/** Appends, saves and compacts until something fails. Gives how many batches were acknowledged. */
async function live(disk: MemoryDisk, failures: WalFailedError[]) {
  const observer = { failed: (error: WalFailedError) => failures.push(error) };
  const { wal } = await opened(folder, { ...settings, files: disk.files(), observer });
  let acknowledged = 0;
  let error: unknown = null;
  try {
    await wal.setIdentity(identity);
    for (let index = 1; index <= 16; index += 1) {
      await wal.append(batchAt(index));
      acknowledged = index;
      if (index % 6 !== 0) continue;
      await wal.saveSnapshot(snapshotAt(index, 1), stateOf({ index, term: 1 }));
      await wal.compact(index);
    }
  } catch (caught) {
    error = caught;
  }
  return { wal, acknowledged, error };
}

const hardState = { term: 1, votedFor: 0, commit: 0 };

function batchAt(index: number): WalBatch {
  return { hardState: index === 1 ? hardState : null, entries: [command(index, 1, 600)] };
}

function modelOf(count: number) {
  if (count === 0) return emptyModel;
  const entries = Array.from({ length: count }, (_, place) => command(place + 1, 1, 600));
  return { ...emptyModel, hardState, entries };
}

it('ends with the first failed write or sync, wherever that is', async () => {
  const healthy = new MemoryDisk();
  const { wal } = await live(healthy, []);
  await wal.close();
  const total = healthy.journal.length;
  let failed = 0;
  for (let at = 1; at <= total; at += 1) {
    const disk = new MemoryDisk();
    const failures: WalFailedError[] = [];
    let failedPath = '';
    const retries: string[] = [];
    disk.fault = (kind, path, count) => {
      const isWrite = kind === 'write' || kind === 'sync' || kind === 'sync-folder';
      if (isWrite && path === failedPath && path !== folder) retries.push(path);
      if (count !== at || !isWrite) return;
      failedPath = path;
      throw systemError('EIO', path);
    };
    const run = await live(disk, failures).catch(() => null);
    // The opening itself failed, or what failed wasn't a write or a sync.
    if (run === null || run.error === null) {
      await run?.wal.close();
      continue;
    }
    const { wal: broken, error, acknowledged } = run;
    failed += 1;
    expect(error).toBeInstanceOf(WalFailedError);
    expect(failures).toEqual([error]);
    const next = { hardState: null, entries: [command(acknowledged + 1, 1, 1)] };
    await expect(broken.append(next)).rejects.toBe(error);
    await expect(broken.setIdentity(identity)).rejects.toBe(error);
    const snapshot = snapshotAt(acknowledged + 1, 1);
    await expect(broken.saveSnapshot(snapshot, stateOf(snapshot))).rejects.toBe(error);
    await broken.close();
    expect(retries).toEqual([]);
    const again = await opened(folder, { ...settings, files: disk.files() });
    const found = [acknowledged, acknowledged + 1].map((count) =>
      difference(again, modelOf(count)),
    );
    expect(found).toContain(null);
    await again.wal.close();
  }
  expect(failed).toBeGreaterThan(40);
});

it('tells a full disk before it acknowledges what has no room', async () => {
  const disk = new MemoryDisk();
  disk.capacityBytes = 4 * 4_096 + 12_288 + 600;
  const failures: WalFailedError[] = [];
  const observer = { failed: (error: WalFailedError) => failures.push(error) };
  const { wal } = await opened(folder, { ...settings, files: disk.files(), observer });
  await wal.setIdentity(identity);
  let acknowledged = 0;
  const fill = async () => {
    for (let index = 1; index <= 100; index += 1) {
      await wal.append(batchAt(index));
      acknowledged = index;
    }
  };
  await expect(fill()).rejects.toMatchObject({ cause: { code: 'ENOSPC' } });
  // The last segment is used to its end: no room ahead of need is no failure yet.
  expect(acknowledged).toBe(20);
  expect(failures.length).toBe(1);
  await wal.close();
  disk.capacityBytes = Number.POSITIVE_INFINITY;
  const again = await opened(folder, { ...settings, files: disk.files() });
  expect(difference(again, modelOf(20))).toBe(null);
  await again.wal.close();
});

it('continues a write that the system cut short', async () => {
  const disk = new MemoryDisk();
  const files = disk.files();
  const stingy = {
    ...files,
    open: async (...args: Parameters<typeof files.open>) => {
      const file = await files.open(...args);
      return {
        ...file,
        write: (...[bytes, start, length, position, done]: Parameters<typeof file.write>) =>
          file.write(bytes, start, Math.min(length, 100), position, (error) =>
            done(error, error === null ? Math.min(length, 100) : 0),
          ),
      };
    },
  };
  const { wal } = await opened(folder, { ...settings, files: stingy });
  await wal.setIdentity(identity);
  for (let index = 1; index <= 7; index += 1) {
    await wal.append(batchAt(index));
  }
  await wal.close();
  const again = await opened(folder, { ...settings, files });
  expect(difference(again, modelOf(7))).toBe(null);
  await again.wal.close();
});

it('makes the mark durable in the quiet, without a sync for each batch', async () => {
  const disk = new MemoryDisk();
  const { wal } = await opened(folder, { ...settings, files: disk.files(), markSyncDelayMs: 5 });
  await wal.setIdentity(identity);
  for (let index = 1; index <= 5; index += 1) {
    await wal.append({ hardState: null, entries: [command(index, 1, 10)] });
  }
  expect(wal.stats().markSyncs).toBe(0);
  await expect.poll(() => wal.stats().markSyncs, { interval: 2 }).toBe(1);
  await wal.close();
});
