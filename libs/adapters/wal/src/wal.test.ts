/** The log on a real file system. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWal } from './open-wal.ts';
import { command, identity, snapshotAt, stateOf, textOf } from './testing/sample-data.ts';
import { opened } from './testing/workload.ts';
import type { OpenedWal, Wal } from './types.ts';

const options = { segmentBytes: 4_096, lockWaitMs: 0 };
let folder = '';
let open: OpenedWal[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'windlass-wal-'));
});

afterEach(async () => {
  for (const { wal } of open) await wal.close();
  open = [];
  rmSync(folder, { recursive: true, force: true });
});

async function begin(): Promise<Wal> {
  const result = await reopen();
  await result.wal.setIdentity(identity);
  return result.wal;
}

async function reopen(): Promise<OpenedWal> {
  for (const { wal } of open) await wal.close();
  const result = await opened(folder, options);
  open = [result];
  return result;
}

const entries = (from: number, to: number, term = 1, bytes = 500) =>
  Array.from({ length: to - from + 1 }, (_, place) => command(from + place, term, bytes));

async function appendEach(wal: Wal, from: number, to: number, term = 1): Promise<void> {
  for (const entry of entries(from, to, term)) {
    await wal.append({ hardState: null, entries: [entry] });
  }
}

const indexes = (result: OpenedWal) => result.start.entries.map(({ index }) => index);
const segmentsOf = () => readdirSync(folder).filter((name) => name.startsWith('segment-'));

describe('append', () => {
  it('is found again: entries of all kinds, hard state, identity', async () => {
    const wal = await begin();
    const hardState = { term: 3, votedFor: 2 ** 53 - 1, commit: 1 };
    const data = Uint8Array.from([0, 255, 7]);
    const batch = [
      { index: 1, term: 1, kind: 0 as const, data: new Uint8Array() },
      { index: 2, term: 2, kind: 2 as const, data },
      { index: 3, term: 2 ** 52, kind: 1 as const, data: new Uint8Array(700).fill(9) },
    ];
    await wal.append({ hardState, entries: batch });
    const again = await reopen();
    expect(again.start.hardState).toEqual(hardState);
    expect(again.start.snapshot).toBe(null);
    expect(again.start.entries).toEqual(batch);
    expect(again.identity).toEqual(identity);
    expect(again.tornBytes).toBe(0);
  });

  it('keeps a hard state alone, and the newest of them', async () => {
    const wal = await begin();
    for (const term of [1, 2, 3]) {
      await wal.append({ hardState: { term, votedFor: term, commit: 0 }, entries: [] });
    }
    expect((await reopen()).start.hardState).toEqual({ term: 3, votedFor: 3, commit: 0 });
  });

  it('replaces what the log holds from the first index on', async () => {
    const wal = await begin();
    await appendEach(wal, 1, 9);
    await wal.append({ hardState: null, entries: entries(4, 5, 2) });
    const again = await reopen();
    expect(again.start.entries.map(({ index, term }) => [index, term])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 2],
      [5, 2],
    ]);
    await again.wal.append({ hardState: null, entries: entries(6, 6, 2) });
    expect(indexes(await reopen())).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('takes one write and one sync for each batch, also where a segment begins', async () => {
    const wal = await begin();
    await appendEach(wal, 1, 20);
    expect(wal.stats()).toMatchObject({ segments: 4, syncs: 20, writes: 20, lastIndex: 20 });
  });

  it('splits what no segment could hold', async () => {
    const wal = await begin();
    const hardState = { term: 1, votedFor: 1, commit: 0 };
    await wal.append({ hardState, entries: entries(1, 30, 1, 1_000) });
    expect(wal.stats().syncs).toBe(10);
    const again = await reopen();
    expect(again.start.entries).toEqual(entries(1, 30, 1, 1_000));
    expect(again.start.hardState).toEqual(hardState);
  });

  it('never takes a commit beyond the log', async () => {
    const wal = await begin();
    await wal.append({
      hardState: { term: 1, votedFor: 0, commit: 9 },
      entries: entries(1, 3),
    });
    expect((await reopen()).start.hardState.commit).toBe(3);
  });

  it('refuses gaps, a second call meanwhile, and a log without identity', async () => {
    const { wal } = await reopen();
    expect(() => wal.append({ hardState: null, entries: entries(1, 1) })).toThrow('identity');
    await wal.setIdentity(identity);
    expect(() => wal.append({ hardState: null, entries: entries(2, 2) })).toThrow('follows a log');
    const holes = [...entries(1, 1), ...entries(3, 3)];
    expect(() => wal.append({ hardState: null, entries: holes })).toThrow('follow each other');
    const first = wal.append({ hardState: null, entries: entries(1, 1) });
    expect(() => wal.append({ hardState: null, entries: entries(1, 1) })).toThrow('one batch');
    await first;
  });
});

describe('segments', () => {
  it('are used again after compaction, and their stale bytes are never taken for new', async () => {
    const wal = await begin();
    for (let round = 0; round < 12; round += 1) {
      const from = round * 10 + 1;
      await appendEach(wal, from, from + 9, round + 1);
      const description = snapshotAt(from + 7, round + 1);
      await wal.saveSnapshot(description, stateOf(description));
      await wal.compact(from + 7);
      expect(segmentsOf().length).toBeLessThanOrEqual(5);
      const again = await copyOpened(wal);
      expect(indexes(again)).toEqual([from + 8, from + 9]);
      expect(again.start.snapshot).toEqual(description);
    }
  });

  /** A copy of the folder as it is, opened while the log goes on. */
  async function copyOpened(wal: Wal): Promise<OpenedWal> {
    expect(wal.stats().spareSegments).toBeLessThanOrEqual(2);
    const copy = mkdtempSync(join(tmpdir(), 'windlass-wal-'));
    cpSync(folder, copy, { recursive: true });
    const again = await opened(copy, options);
    await again.wal.close();
    rmSync(copy, { recursive: true, force: true });
    return again;
  }

  it('are of zeroes that are written, not only promised', async () => {
    await begin();
    const [name = ''] = segmentsOf();
    expect(readFileSync(join(folder, name))).toEqual(Buffer.alloc(4_096));
  });

  it('of another size are finished as they are', async () => {
    const wal = await begin();
    await appendEach(wal, 1, 8);
    await wal.close();
    open = [await opened(folder, { ...options, segmentBytes: 8_192 })];
    const [grown] = open;
    await appendEach(grown?.wal ?? wal, 9, 30);
    expect(indexes(await reopen())).toEqual(Array.from({ length: 30 }, (_, place) => place + 1));
  });
});

describe('snapshots', () => {
  it('are saved while batches are appended', async () => {
    const wal = await begin();
    await appendEach(wal, 1, 5);
    const description = snapshotAt(5, 1);
    let appendedMeanwhile = 0;
    async function* slow(): AsyncGenerator<Uint8Array> {
      for await (const chunk of stateOf(description)) {
        await appendEach(wal, 6 + appendedMeanwhile, 7 + appendedMeanwhile);
        appendedMeanwhile += 2;
        yield chunk;
      }
    }
    await wal.saveSnapshot(description, slow());
    expect(appendedMeanwhile).toBe(6);
    const again = await reopen();
    expect(again.start.snapshot).toEqual(description);
    expect(indexes(again)).toEqual([6, 7, 8, 9, 10, 11]);
    const saved = again.wal.openSnapshot();
    expect(await textOf(saved?.chunks ?? stateOf(description))).toBe(
      await textOf(stateOf(description)),
    );
  });

  it('hold large pieces and many small ones', async () => {
    const wal = await begin();
    await appendEach(wal, 1, 1);
    const large = Buffer.alloc(2_500_000, 'abcdefg');
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield large.subarray(0, 2_200_000);
      for (let at = 2_200_000; at < large.length; at += 1_000) yield large.subarray(at, at + 1_000);
    }
    await wal.saveSnapshot(snapshotAt(1, 1), pieces());
    const saved = (await reopen()).wal.openSnapshot();
    expect(saved?.stateBytes).toBe(large.length);
    expect((await textOf(saved?.chunks ?? pieces())) === large.toString()).toBe(true);
  });

  it('whose source fails leave the log as it was', async () => {
    const wal = await begin();
    await appendEach(wal, 1, 2);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('the source broke');
    }
    await expect(wal.saveSnapshot(snapshotAt(2, 1), broken())).rejects.toThrow('source broke');
    await appendEach(wal, 3, 3);
    expect(wal.openSnapshot()).toBe(null);
    expect(readdirSync(folder).filter((name) => name.startsWith('snapshot'))).toEqual([]);
  });

  it('of a leader take the place of log and state', async () => {
    const wal = await begin();
    await appendEach(wal, 1, 20);
    await wal.saveSnapshot(snapshotAt(3, 1), stateOf({ index: 3, term: 1 }));
    const snapshot = snapshotAt(15, 2);
    await wal.receiveSnapshot(snapshot, stateOf(snapshot));
    expect(wal.openSnapshot()?.description.index).toBe(3);
    const hardState = { term: 2, votedFor: 0, commit: 15 };
    await wal.installSnapshot({ snapshot, hardState, entries: entries(16, 16, 2) });
    expect(wal.stats()).toMatchObject({ segments: 1, lastIndex: 16, snapshotIndex: 15 });
    await wal.append({ hardState: null, entries: entries(17, 17, 2) });
    const again = await reopen();
    expect(again.start).toEqual({
      hardState,
      snapshot,
      entries: entries(16, 17, 2),
    });
  });

  it('that were received but not installed are forgotten', async () => {
    const wal = await begin();
    await appendEach(wal, 1, 2);
    await wal.receiveSnapshot(snapshotAt(9, 2), stateOf({ index: 9, term: 2 }));
    const again = await reopen();
    expect(again.start.snapshot).toBe(null);
    expect(indexes(again)).toEqual([1, 2]);
    expect(readdirSync(folder).filter((name) => name.startsWith('snapshot'))).toEqual([]);
  });

  it('may be beyond the own log: others had it durable first', async () => {
    const wal = await begin();
    await wal.append({ hardState: { term: 1, votedFor: 3, commit: 0 }, entries: entries(1, 2) });
    await wal.saveSnapshot(snapshotAt(6, 2), stateOf({ index: 6, term: 2 }));
    const again = await reopen();
    expect(again.start.hardState).toEqual({ term: 2, votedFor: 0, commit: 6 });
    expect(again.start.entries).toEqual([]);
    await again.wal.append({ hardState: null, entries: entries(7, 7, 2) });
    expect(indexes(await reopen())).toEqual([7]);
  });
});

it('belongs to one opening at a time, in one process too', async () => {
  await begin();
  expect(await openWal(folder, options)).toMatchObject({ ok: false, error: { kind: 'in-use' } });
  await reopen();
});
