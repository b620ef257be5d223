/** What is done to the files is noticed, told apart, and never served. */
import { assert, seededRandom } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';
import { type WalDamage, WalDamageKind } from './damage.ts';
import { openWal } from './open-wal.ts';
import { fuzz } from './testing/fuzz.ts';
import { MemoryDisk } from './testing/memory-disk.ts';
import { command, identity, snapshotAt, stateOf } from './testing/sample-data.ts';
import { opened } from './testing/workload.ts';

const folder = '/node';
const pathOf = (name: string) => `${folder}/${name}`;
const segment = (number: number) => pathOf(`segment-${String(number).padStart(16, '0')}`);

/** A log of `batches` entries of 500 bytes: 6 in each segment of 4,096. */
async function written(batches: number): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const { wal } = await opened(folder, options(disk));
  await wal.setIdentity(identity);
  await append(wal, 1, batches);
  await wal.close();
  return disk;
}

async function append(
  wal: Awaited<ReturnType<typeof opened>>['wal'],
  from: number,
  to: number,
): Promise<void> {
  for (let index = from; index <= to; index += 1) {
    await wal.append({ hardState: null, entries: [command(index, 1, 500)] });
  }
}

/** Three entries, and the mark as it was after the first. */
async function writtenWithOldMark(): Promise<MemoryDisk> {
  const disk = await written(1);
  const oldMark = disk.read(pathOf('mark'));
  const { wal } = await opened(folder, options(disk));
  await append(wal, 2, 3);
  await wal.close();
  disk.overwrite(pathOf('mark'), oldMark);
  return disk;
}

function options(disk: MemoryDisk) {
  return { files: disk.files(), segmentBytes: 4_096, lockWaitMs: 0 };
}

function flip(disk: MemoryDisk, path: string, at: number): void {
  const contents = disk.read(path);
  contents[at] = (contents[at] ?? 0) ^ 4;
  disk.overwrite(path, contents);
}

async function damageOfDisk(disk: MemoryDisk): Promise<WalDamage> {
  const result = await openWal(folder, options(disk));
  assert(!result.ok, 'the damage is noticed');
  return result.error;
}

describe('a record that was acknowledged', () => {
  const recordBytes = 32 + 16 + 16 + 500 + 4;

  it('stops the node if it is the newest and a bit of it is flipped, wherever', async () => {
    for (const offset of [0, 5, 9, 17, 25, 29, 40, 60, 300, 563]) {
      const disk = await written(3);
      flip(disk, segment(1), 512 + 2 * recordBytes + offset);
      expect(await damageOfDisk(disk)).toMatchObject({
        kind: WalDamageKind.DamagedRecord,
        file: 'segment-0000000000000001',
        offset: 512 + 2 * recordBytes,
        message: expect.stringContaining('record 3 is damaged or gone'),
        advice: expect.stringContaining('joins the cluster as a new member'),
      });
    }
  });

  it('stops the node in the middle of the log even if the mark has forgotten it', async () => {
    const disk = await writtenWithOldMark();
    flip(disk, segment(1), 512 + recordBytes + 100);
    expect(await damageOfDisk(disk)).toMatchObject({
      kind: WalDamageKind.DamagedRecord,
      offset: 512 + recordBytes,
    });
  });

  it('looks torn only if it is the newest and a power cut took its mark', async () => {
    const disk = await writtenWithOldMark();
    flip(disk, segment(1), 512 + 2 * recordBytes + 100);
    const { wal, start, tornBytes } = await opened(folder, options(disk));
    expect(start.entries.map(({ index }) => index)).toEqual([1, 2]);
    expect(tornBytes).toBe(recordBytes);
    await wal.close();
  });

  it('stops the node at the end of a segment that others follow', async () => {
    const disk = await written(8);
    flip(disk, segment(1), 512 + 5 * recordBytes + 33);
    expect(await damageOfDisk(disk)).toMatchObject({
      kind: WalDamageKind.DamagedRecord,
      file: 'segment-0000000000000001',
    });
  });
});

describe('files', () => {
  const cases: Record<string, [(disk: MemoryDisk) => void, WalDamageKind]> = {
    'a segment missing in the middle': [(disk) => disk.removeFile(segment(2)), 'missing-segment'],
    'the newest segment missing': [(disk) => disk.removeFile(segment(4)), 'missing-segment'],
    'all segments missing': [
      (disk) => [1, 2, 3, 4, 5].forEach((number) => disk.removeFile(segment(number))),
      'missing-segment',
    ],
    'the oldest segment missing': [(disk) => disk.removeFile(segment(1)), 'missing-snapshot'],
    'a newer segment under an older name': [
      (disk) => disk.overwrite(segment(2), disk.read(segment(3))),
      'misplaced-segment',
    ],
    'an older segment under a newer name': [
      (disk) => disk.overwrite(segment(3), disk.read(segment(2))),
      'damaged-segment',
    ],
    'the header of a segment in the middle': [
      (disk) => flip(disk, segment(2), 40),
      'damaged-segment',
    ],
    'the header of the newest segment': [(disk) => flip(disk, segment(4), 40), 'damaged-segment'],
    'a segment that was cut': [
      (disk) => disk.overwrite(segment(2), disk.read(segment(2)).subarray(0, 3_000)),
      'wrong-size',
    ],
    'no identity': [(disk) => disk.removeFile(pathOf('identity')), 'missing-identity'],
    'a damaged identity': [(disk) => flip(disk, pathOf('identity'), 50), 'damaged-identity'],
    'no mark': [(disk) => disk.removeFile(pathOf('mark')), 'missing-mark'],
    'a damaged mark': [(disk) => flip(disk, pathOf('mark'), 16), 'damaged-mark'],
  };

  it.each(Object.entries(cases))('tells %s', async (_, [harm, kind]) => {
    const disk = await written(20);
    harm(disk);
    expect((await damageOfDisk(disk)).kind).toBe(kind);
  });

  it("tells another node's file", async () => {
    for (const name of ['segment-0000000000000002', 'identity']) {
      const disk = await written(20);
      const other = await written(20);
      disk.overwrite(pathOf(name), other.read(pathOf(name)));
      expect(await damageOfDisk(disk)).toMatchObject({ kind: 'foreign-file', file: name });
    }
  });

  it.each(['mark', 'identity', 'segment-0000000000000002'])(
    'tells a newer version of %s from damage',
    async (name) => {
      const disk = await written(20);
      const contents = disk.read(pathOf(name));
      const end = name === 'identity' ? contents.length : 512;
      contents.writeUInt32LE(2, 8);
      contents.writeUInt32LE(crc32c(contents, 16, end, crc32c(contents, 0, 12)), 12);
      disk.overwrite(pathOf(name), contents);
      expect(await damageOfDisk(disk)).toMatchObject({ kind: 'newer-version', file: name });
    },
  );

  it('tells a folder that is open', async () => {
    const disk = await written(1);
    const { wal } = await opened(folder, options(disk));
    expect((await damageOfDisk(disk)).kind).toBe('in-use');
    await wal.close();
    await (await opened(folder, options(disk))).wal.close();
  });

  it('tells a disk that refuses to read', async () => {
    const disk = await written(3);
    const files = disk.files();
    const refusing = {
      ...files,
      open: async (...args: Parameters<typeof files.open>) => ({
        ...(await files.open(...args)),
        read: () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })),
      }),
    };
    const result = await openWal(folder, { ...options(disk), files: refusing });
    expect(result).toMatchObject({ ok: false, error: { kind: 'unreadable', file: 'mark' } });
  });
});

describe('snapshots', () => {
  const snapshot = (index: number) =>
    pathOf(`snapshot-${String(index).padStart(16, '0')}-0000000000000001`);

  /** Snapshots at 8 and 14 of a log of 20 entries, which begins after `compacted`. */
  async function withSnapshots(compacted: number): Promise<MemoryDisk> {
    const disk = await written(20);
    const { wal } = await opened(folder, options(disk));
    for (const index of [8, 14]) {
      await wal.saveSnapshot(snapshotAt(index, 1), stateOf({ index, term: 1 }));
    }
    await wal.compact(compacted);
    await wal.close();
    return disk;
  }

  it('falls back on the older one, with a warning, where the log goes on from it', async () => {
    const disk = await withSnapshots(8);
    flip(disk, snapshot(14), 600);
    const { wal, start, warnings } = await opened(folder, options(disk));
    expect(start.snapshot?.index).toBe(8);
    expect(start.entries.map(({ index }) => index)).toEqual([
      9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
    ]);
    expect(warnings).toMatchObject([{ kind: 'damaged-snapshot' }]);
    await wal.saveSnapshot(snapshotAt(15, 1), stateOf({ index: 15, term: 1 }));
    await wal.close();
    expect(disk.paths()).toContain(snapshot(8));
  });

  it('is damage where the log does not go on from the older one', async () => {
    const disk = await withSnapshots(14);
    flip(disk, snapshot(14), 600);
    expect(await damageOfDisk(disk)).toMatchObject({
      kind: 'damaged-snapshot',
      file: 'snapshot-0000000000000014-0000000000000001',
    });
  });

  it('is damage where none is left', async () => {
    const disk = await withSnapshots(14);
    disk.removeFile(snapshot(14));
    expect((await damageOfDisk(disk)).kind).toBe('missing-snapshot');
  });

  it('never gives a piece that changed since the opening', async () => {
    const disk = await withSnapshots(8);
    const { wal } = await opened(folder, options(disk));
    flip(disk, snapshot(14), 600);
    const read = async () => {
      for await (const _ of wal.openSnapshot()?.chunks ?? []) expect.unreachable('a wrong piece');
    };
    await expect(read()).rejects.toThrow('a frame has a wrong checksum');
    await wal.close();
  });
});

it('opens with exactly the right content or reports damage, whichever bit flips', async () => {
  const { flips, cuts } = await fuzz(seededRandom('unit'), { flips: 250, cuts: 60 });
  expect(flips.damaged).toBeGreaterThan(40);
  expect(flips.right).toBeGreaterThan(20);
  expect(cuts.damaged).toBeGreaterThan(20);
});
