/**
 * The open log: one record, one write and one fdatasync for each batch, and the mark of its end.
 *
 * Next: record.ts and segment-header.ts for the format, recover.ts for the way back.
 */
import { assert } from '@windlass/base';
import type { Entry, HardState, SnapshotDescription } from '@windlass/raft';
import { encodePayload, entryBytes, payloadBaseBytes, type RecordContent } from './batch-codec.ts';
import type { FailureLatch } from './damage.ts';
import { type WalFile, type WalFiles, writeAll } from './files.ts';
import { writeIdentity } from './identity-file.ts';
import { keptBufferBytesMax } from './limits.ts';
import type { MarkKeeper } from './mark-keeper.ts';
import { segmentName } from './names.ts';
import { RecordKind, recordBytes, recordHeaderBytes, recordSeed, sealRecord } from './record.ts';
import { encodeSegmentHeader, type LogPlace, segmentHeaderBytes } from './segment-header.ts';
import type { SegmentPool } from './segment-pool.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import type {
  Identity,
  InstallBatch,
  SavedSnapshot,
  Wal,
  WalBatch,
  WalObserver,
  WalStats,
} from './types.ts';

/** A segment in use. */
export type Segment = {
  readonly number: number;
  readonly fileBytes: number;
  /** Index of the last entry before it; 0 where a snapshot was installed since. */
  beforeIndex: number;
  /** Highest index of an entry in it, or 0. */
  maxIndex: number;
};

/** The segment that is being written. */
export type CurrentSegment = Segment & {
  readonly file: WalFile;
  /** Where the next record goes. */
  offset: number;
};

/** What the next record follows. */
export type LogEnd = {
  /** Of the last record. */
  readonly sequence: number;
  readonly checksum: number;
  /** Last entry, or the snapshot that the log begins after. */
  readonly last: LogPlace;
  readonly hardState: HardState;
};

export type WalParts = {
  readonly files: WalFiles;
  readonly folder: string;
  readonly logId: Buffer;
  readonly segmentBytes: number;
  readonly observer: WalObserver;
  readonly latch: FailureLatch;
  readonly pool: SegmentPool;
  readonly snapshots: SnapshotStore;
  readonly mark: MarkKeeper;
  readonly release: () => void;
  readonly hasIdentity: boolean;
  /** Ascending; without the current one. */
  readonly segments: readonly Segment[];
  readonly current: CurrentSegment | null;
  /** The log holds what follows this index. */
  readonly floorIndex: number;
  readonly end: LogEnd;
};

const initialBufferBytes = 16 * 1024;

export class WriteAheadLog implements Wal {
  readonly #parts: WalParts;
  readonly #seed: number;
  readonly #segments: Segment[];
  #current: CurrentSegment | null;
  #end: LogEnd;
  #floorIndex: number;
  #hasIdentity: boolean;
  /** Room for a segment's header, then the record: both go out in one write. */
  #buffer = Buffer.allocUnsafeSlow(initialBufferBytes);
  #writing: Promise<void> | null = null;
  #isClosed = false;
  #lastSyncMs = 0;
  #syncs = 0;
  #writes = 0;

  constructor(parts: WalParts) {
    this.#parts = parts;
    this.#seed = recordSeed(parts.logId);
    this.#segments = [...parts.segments];
    this.#current = parts.current;
    this.#end = parts.end;
    this.#floorIndex = parts.floorIndex;
    this.#hasIdentity = parts.hasIdentity;
  }

  async setIdentity(identity: Identity): Promise<void> {
    assert(!this.#isClosed, 'the log is open');
    const { files, folder, logId, latch } = this.#parts;
    await latch.guard(() => writeIdentity(files, folder, identity, logId));
    this.#hasIdentity = true;
  }

  append(batch: WalBatch): Promise<void> {
    const { error } = this.#parts.latch;
    if (error !== null) return Promise.reject(error);
    if (batch.hardState === null && batch.entries.length === 0) return Promise.resolve();
    assertFollows(batch.entries, this.#floorIndex, this.#end.last.index);
    return this.#write({ install: null, ...batch });
  }

  saveSnapshot(description: SnapshotDescription, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    assert(!this.#isClosed, 'the log is open');
    return this.#parts.snapshots.save(description, chunks);
  }

  receiveSnapshot(
    description: SnapshotDescription,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    assert(!this.#isClosed, 'the log is open');
    return this.#parts.snapshots.receive(description, chunks);
  }

  async installSnapshot(batch: InstallBatch): Promise<void> {
    const { snapshots, latch } = this.#parts;
    const { snapshot } = batch;
    latch.check();
    assert(snapshots.hasReceived(snapshot), 'the snapshot was received');
    assert(snapshot.index > snapshots.newestIndex, 'the snapshot is newer than our own');
    assertFollows(batch.entries, snapshot.index, snapshot.index);
    await this.rebase(snapshot, batch);
    await latch.guard(() => snapshots.adoptReceived());
    await this.#dropSegments(snapshot.index);
  }

  /** The log begins anew after this place, with the batch behind it. */
  rebase(place: LogPlace, batch: WalBatch): Promise<void> {
    return this.#write({
      install: { index: place.index, term: place.term },
      hardState: batch.hardState ?? this.#end.hardState,
      entries: batch.entries,
    });
  }

  openSnapshot(): SavedSnapshot | null {
    return this.#parts.snapshots.newest();
  }

  async compact(index: number): Promise<void> {
    assert(!this.#isClosed, 'the log is open');
    assert(index <= this.#parts.snapshots.newestIndex, 'a snapshot includes what is compacted');
    await this.#dropSegments(index);
  }

  stats(): WalStats {
    const { pool, snapshots, mark, segmentBytes } = this.#parts;
    const inUse = this.#current === null ? this.#segments : [...this.#segments, this.#current];
    const inUseBytes = inUse.reduce((sum, segment) => sum + segment.fileBytes, 0);
    return {
      segments: inUse.length,
      spareSegments: pool.spareCount,
      bytes: inUseBytes + pool.spareCount * segmentBytes,
      lastSyncMs: this.#lastSyncMs,
      syncs: this.#syncs,
      writes: this.#writes,
      markSyncs: mark.syncs,
      lastIndex: this.#end.last.index,
      snapshotIndex: snapshots.newestIndex,
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { pool, snapshots, mark, release } = this.#parts;
    try {
      // Its own caller hears of its failure.
      await this.#writing?.catch(() => null);
      await Promise.all([pool.close(), snapshots.close()]);
      await mark.close();
      await this.#current?.file.close();
    } finally {
      release();
    }
  }

  #write(content: RecordContent): Promise<void> {
    assert(!this.#isClosed, 'the log is open');
    assert(this.#writing === null, 'one batch is written at a time');
    assert(this.#hasIdentity, 'a node has an identity before it has a log');
    const { latch } = this.#parts;
    this.#writing = latch.guard(() => this.#writeRecords(content));
    return this.#writing.finally(() => {
      this.#writing = null;
    });
  }

  /** One record, unless no segment could hold it: then several, each durable before the next. */
  async #writeRecords(content: RecordContent): Promise<void> {
    const roomBytes = this.#parts.segmentBytes - segmentHeaderBytes - recordHeaderBytes;
    const { entries } = content;
    let rest = content;
    for (let from = 0, isFirst = true; isFirst || from < entries.length; isFirst = false) {
      let payloadBytes = payloadBaseBytes(rest);
      let to = from;
      for (; to < entries.length; to += 1) {
        const entry = entries[to];
        assert(entry !== undefined, 'the batch has no holes');
        const grownBytes = payloadBytes + entryBytes(entry);
        if (grownBytes > roomBytes) break;
        payloadBytes = grownBytes;
      }
      assert(to > from || entries.length === from, 'an entry fits into a segment');
      await this.#writeRecord(rest, from, to, payloadBytes);
      rest = { install: null, hardState: null, entries };
      from = to;
    }
    if (this.#buffer.length > keptBufferBytesMax) {
      this.#buffer = Buffer.allocUnsafeSlow(initialBufferBytes);
    }
  }

  async #writeRecord(
    content: RecordContent,
    from: number,
    to: number,
    payloadBytes: number,
  ): Promise<void> {
    const lengthBytes = recordBytes(payloadBytes);
    const end = this.#encode(content, from, to, payloadBytes, lengthBytes);
    const current = this.#current;
    if (current !== null && current.offset + lengthBytes <= current.fileBytes) {
      await this.#commit(current, segmentHeaderBytes, lengthBytes, end);
    } else {
      const next = await this.#begin();
      try {
        await this.#commit(next, 0, segmentHeaderBytes + lengthBytes, end);
      } catch (error) {
        await next.file.close();
        throw error;
      }
      this.#current = next;
      if (current !== null) {
        this.#segments.push(current);
        await current.file.close();
      }
    }
    this.#advance(content, from < to ? end.last.index : 0, end);
  }

  /** Assembles the record behind the room for a header. Gives the end of the log with it. */
  #encode(
    content: RecordContent,
    from: number,
    to: number,
    payloadBytes: number,
    lengthBytes: number,
  ): LogEnd {
    const neededBytes = segmentHeaderBytes + lengthBytes;
    if (this.#buffer.length < neededBytes) {
      this.#buffer = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(neededBytes)));
    }
    const { sequence, checksum: previousChecksum, last, hardState } = this.#end;
    encodePayload(this.#buffer, segmentHeaderBytes + recordHeaderBytes, content, from, to);
    const kind = content.install === null ? RecordKind.Batch : RecordKind.Install;
    const fields = { sequence: sequence + 1, payloadBytes, kind, previousChecksum };
    const checksum = sealRecord(this.#buffer, segmentHeaderBytes, fields, this.#seed);
    const newest = from < to ? content.entries[to - 1] : undefined;
    return {
      sequence: sequence + 1,
      checksum,
      last:
        newest === undefined
          ? (content.install ?? last)
          : { index: newest.index, term: newest.term },
      hardState: content.hardState ?? hardState,
    };
  }

  /** Takes the next segment, and puts its header in front of the assembled record. */
  async #begin(): Promise<CurrentSegment> {
    const { pool, files, folder, segmentBytes, logId } = this.#parts;
    const number = await pool.take();
    const file = await files.open(`${folder}/${segmentName(number)}`, 'write');
    const { sequence, checksum, last, hardState } = this.#end;
    const header = {
      number,
      fileBytes: segmentBytes,
      firstSequence: sequence + 1,
      previousChecksum: checksum,
      last,
      hardState,
    };
    encodeSegmentHeader(this.#buffer, header, logId);
    return {
      number,
      fileBytes: segmentBytes,
      beforeIndex: last.index,
      maxIndex: 0,
      file,
      offset: 0,
    };
  }

  /** Writes the assembled bytes at the segment's offset; resolves when they and the mark stand. */
  #commit(segment: CurrentSegment, start: number, lengthBytes: number, end: LogEnd): Promise<void> {
    const { mark, observer } = this.#parts;
    const begunMs = performance.now();
    return new Promise((resolve, reject) => {
      const synced = (error: Error | null) => {
        if (error !== null) {
          reject(error);
          return;
        }
        this.#lastSyncMs = performance.now() - begunMs;
        this.#syncs += 1;
        this.#writes += 1;
        observer.synced?.(this.#lastSyncMs, lengthBytes);
        segment.offset += lengthBytes;
        const { number, offset } = segment;
        mark.set(end.sequence, number, offset, end.checksum, (failure) => {
          if (failure === null) resolve();
          else reject(failure);
        });
      };
      writeAll(segment.file, this.#buffer, start, lengthBytes, segment.offset, (error) => {
        if (error === null) segment.file.dataSync(synced);
        else reject(error);
      });
    });
  }

  #advance(content: RecordContent, lastIndex: number, end: LogEnd): void {
    this.#end = end;
    if (content.install !== null) {
      const current = this.#current === null ? [] : [this.#current];
      forgetEntries([...this.#segments, ...current]);
      this.#floorIndex = content.install.index;
    }
    if (this.#current !== null && lastIndex > this.#current.maxIndex) {
      this.#current.maxIndex = lastIndex;
    }
  }

  /** Gives back the first segments, as far as everything in them is at or below the index. */
  async #dropSegments(index: number): Promise<void> {
    const kept = this.#segments.findIndex((segment) => segment.maxIndex > index);
    const dropped = this.#segments.splice(0, kept === -1 ? this.#segments.length : kept);
    const first = this.#segments[0] ?? this.#current;
    this.#floorIndex = Math.max(this.#floorIndex, first?.beforeIndex ?? 0);
    const { latch, pool } = this.#parts;
    await latch.guard(() => pool.recycle(dropped));
  }
}

/** What these segments hold doesn't count any more: a snapshot took its place. */
export function forgetEntries(segments: readonly Segment[]): void {
  for (const segment of segments) {
    segment.beforeIndex = 0;
    segment.maxIndex = 0;
  }
}

/** The entries follow each other, and the log, after what snapshots have taken from it. */
function assertFollows(entries: readonly Entry[], floorIndex: number, lastIndex: number): void {
  const first = entries[0];
  if (first === undefined) return;
  assert(
    first.index > floorIndex && first.index <= lastIndex + 1,
    `entry ${first.index} follows a log of (${floorIndex}, ${lastIndex}]`,
  );
  for (let place = 1; place < entries.length; place += 1) {
    assert(entries[place]?.index === first.index + place, 'entries follow each other');
  }
}
