/**
 * Reads the segments of a folder, record by record, and tells a torn tail from damage.
 *
 * A batch is written only after the one before it is synced, so a record that isn't whole may be
 * taken for a torn tail only if it is the newest and was never acknowledged. It is damage if
 * - a record with a higher sequence is found behind it, in the same or the following segment, or
 * - a following segment begins with a higher sequence, or
 * - the mark (mark-file.ts) says that it was durable.
 *
 * Next: recover.ts, which uses it.
 */
import { assert } from '@windlass/base';
import { decodePayload, Slabs } from './batch-codec.ts';
import { damaged, WalDamageKind } from './damage.ts';
import type { WalFiles } from './files.ts';
import { segmentBytesMax } from './limits.ts';
import type { Mark } from './mark-file.ts';
import { segmentName, segmentNumber } from './names.ts';
import {
  findLaterRecord,
  payloadHolds,
  type RecordHeader,
  RecordKind,
  readRecordHeader,
  recordBytes,
  recordHeaderBytes,
  recordSeed,
} from './record.ts';
import { Replay } from './replay.ts';
import { decodeSegmentHeader, type SegmentHeader, segmentHeaderBytes } from './segment-header.ts';
import { forgetEntries, type Segment } from './wal.ts';

type SegmentFile = {
  readonly number: number;
  readonly name: string;
  readonly fileBytes: number;
  /** Null where the segment isn't in use: it is blank, or holds the records of its former life. */
  readonly header: SegmentHeader | null;
};

export type ReadLog = {
  readonly replay: Replay;
  /** In use, ascending; the last is the current one. */
  readonly segments: readonly Segment[];
  /** Ready for use, ascending. */
  readonly spares: readonly { number: number; fileBytes: number }[];
  readonly sequence: number;
  readonly checksum: number;
  /** Where the next record goes in the current segment. */
  readonly endOffset: number;
  /** Bytes at the end that are a record which was never acknowledged. */
  readonly tornBytes: number;
};

/** Throws WalDamagedError. */
export async function readLog(
  files: WalFiles,
  folder: string,
  names: readonly string[],
  logId: Buffer,
  mark: Mark,
): Promise<ReadLog> {
  const all = await readHeaders(files, folder, names, logId);
  const inUse = all.slice(0, all.findLastIndex((file) => file.header !== null) + 1);
  checkOrder(inUse);
  const spares = all.slice(inUse.length);
  const reader = new LogReader(files, folder, recordSeed(logId), all);
  for (const file of inUse) await reader.readSegment(file);
  await reader.checkEnd(mark, spares[0]);
  return { ...reader.result(), spares };
}

async function readHeaders(
  files: WalFiles,
  folder: string,
  names: readonly string[],
  logId: Buffer,
): Promise<readonly SegmentFile[]> {
  const all: SegmentFile[] = [];
  for (const name of names) {
    const number = segmentNumber(name);
    if (number === null) continue;
    const file = await files.open(`${folder}/${name}`, 'read');
    try {
      const bytes = Buffer.alloc(segmentHeaderBytes);
      await file.read(bytes, 0);
      const fileBytes = await file.sizeBytes();
      all.push({
        number,
        name,
        fileBytes,
        header: usedHeader(bytes, logId, name, number, fileBytes),
      });
    } finally {
      await file.close();
    }
  }
  return all;
}

/** The header of a segment that is in use under this number. */
function usedHeader(
  bytes: Buffer,
  logId: Buffer,
  name: string,
  number: number,
  fileBytes: number,
): SegmentHeader | null {
  const header = decodeSegmentHeader(bytes, logId, name);
  // A lower number is that of its former life.
  if (header === null || header.number < number) return null;
  if (header.number > number) {
    const message = `is segment ${header.number} by its own header`;
    throw damaged(WalDamageKind.MisplacedSegment, name, 24, message);
  }
  if (header.fileBytes !== fileBytes) {
    const message = `has ${fileBytes} bytes instead of ${header.fileBytes}`;
    throw damaged(WalDamageKind.WrongSize, name, fileBytes, message);
  }
  return header;
}

/** Segments in use have numbers without gaps, and a header each. */
function checkOrder(inUse: readonly SegmentFile[]): void {
  let expected = inUse[0]?.number ?? 0;
  for (const file of inUse) {
    if (file.number !== expected) {
      const message = `is missing between ${segmentName(expected - 1)} and ${file.name}`;
      throw damaged(WalDamageKind.MissingSegment, segmentName(expected), 0, message);
    }
    if (file.header === null) {
      const message =
        'was in use (later segments are), but its header is damaged or of another one';
      throw damaged(WalDamageKind.DamagedSegment, file.name, 0, message);
    }
    expected += 1;
  }
}

class LogReader {
  readonly #files: WalFiles;
  readonly #folder: string;
  readonly #seed: number;
  readonly #names: ReadonlySet<string>;
  readonly #slabs = new Slabs();
  readonly #segments: Segment[] = [];
  /** Segments are read into it one after another. */
  #scratch: Buffer;
  /** The part of it that holds the segment read last. */
  #bytes: Buffer = Buffer.alloc(0);
  #replay = new Replay({ index: 0, term: 0 }, { term: 0, votedFor: 0, commit: 0 });
  #sequence = 0;
  #checksum = 0;
  #name = '';
  #offset = 0;
  #tornBytes = 0;

  constructor(files: WalFiles, folder: string, seed: number, all: readonly SegmentFile[]) {
    this.#files = files;
    this.#folder = folder;
    this.#seed = seed;
    this.#names = new Set(all.map(({ name }) => name));
    const largest = all.reduce((most, file) => Math.max(most, file.fileBytes), 0);
    this.#scratch = Buffer.allocUnsafeSlow(Math.min(largest, segmentBytesMax));
  }

  async readSegment(file: SegmentFile): Promise<void> {
    const { header } = file;
    assert(header !== null, 'the segment is in use');
    if (this.#segments.length === 0) {
      this.#replay = new Replay(header.last, header.hardState);
      this.#sequence = header.firstSequence - 1;
      this.#checksum = header.previousChecksum;
    } else this.#checkContinues(header, file.name);
    const segment = {
      number: file.number,
      fileBytes: file.fileBytes,
      beforeIndex: this.#replay.last.index,
      maxIndex: 0,
    };
    this.#segments.push(segment);
    await this.#load(file);
    this.#name = file.name;
    this.#offset = segmentHeaderBytes;
    for (let next = this.#next(); next !== null; next = this.#next()) this.#take(next, segment);
  }

  /** What stopped the reading is the end of the log, or throws. */
  async checkEnd(mark: Mark, spare: SegmentFile | undefined): Promise<void> {
    if (mark.sequence > this.#sequence) throw this.#missingRecord(mark);
    if (mark.sequence === this.#sequence && mark.checksum !== this.#checksum) {
      const message = 'record and mark have the same sequence, but not the same checksum';
      throw damaged(WalDamageKind.Inconsistent, this.#name, this.#offset, message);
    }
    // The one that may be torn; what is above it proves that it was durable.
    const torn = this.#sequence + 1;
    const later = findLaterRecord(this.#bytes, this.#offset, torn, this.#seed);
    if (later !== -1) throw this.#damagedRecord(`one written after it stands at ${later}`);
    this.#tornBytes = this.#tornRecordBytes();
    if (spare === undefined) return;
    await this.#load(spare);
    const place = findLaterRecord(this.#bytes, 0, torn, this.#seed);
    if (place === -1) return;
    const message = `its header is damaged, but at ${place} there is a record of this log`;
    throw damaged(WalDamageKind.DamagedSegment, spare.name, 0, message);
  }

  result(): Omit<ReadLog, 'spares'> {
    return {
      replay: this.#replay,
      segments: this.#segments,
      sequence: this.#sequence,
      checksum: this.#checksum,
      endOffset: this.#offset,
      tornBytes: this.#tornBytes,
    };
  }

  /** Reads a segment whole, in the place of the one before. */
  async #load(file: SegmentFile): Promise<void> {
    const handle = await this.#files.open(`${this.#folder}/${file.name}`, 'read');
    try {
      const wanted = this.#scratch.subarray(0, Math.min(file.fileBytes, this.#scratch.length));
      this.#bytes = wanted.subarray(0, await handle.read(wanted, 0));
    } finally {
      await handle.close();
    }
  }

  /** The header of the next record, if that is whole and the next of the chain. */
  #next(): RecordHeader | null {
    const header = readRecordHeader(this.#bytes, this.#offset, this.#seed);
    return header !== null &&
      header.sequence === this.#sequence + 1 &&
      header.previousChecksum === this.#checksum &&
      payloadHolds(this.#bytes, this.#offset, header)
      ? header
      : null;
  }

  #take(header: RecordHeader, segment: Segment): void {
    if (header.kind !== RecordKind.Batch && header.kind !== RecordKind.Install) {
      const message = `a record has the unknown kind ${header.kind}`;
      throw damaged(WalDamageKind.NewerVersion, this.#name, this.#offset, message);
    }
    const payloadAt = this.#offset + recordHeaderBytes;
    const payload = this.#slabs.keep(this.#bytes, payloadAt, payloadAt + header.payloadBytes);
    const content = decodePayload(payload, header.kind);
    const problem = content === null ? "a record can't be understood" : this.#replay.apply(content);
    if (content === null || problem !== null) {
      const message = problem ?? '';
      throw damaged(WalDamageKind.Inconsistent, this.#name, this.#offset, message);
    }
    if (content.install !== null) forgetEntries(this.#segments);
    segment.maxIndex = Math.max(segment.maxIndex, content.entries.at(-1)?.index ?? 0);
    this.#sequence = header.sequence;
    this.#checksum = header.checksum;
    this.#offset += recordBytes(header.payloadBytes);
  }

  #checkContinues(header: SegmentHeader, name: string): void {
    if (header.firstSequence > this.#sequence + 1) {
      throw this.#damagedRecord(`${name} was begun after it`);
    }
    const { last, hardState } = this.#replay;
    const isSame =
      header.firstSequence === this.#sequence + 1 &&
      header.previousChecksum === this.#checksum &&
      header.last.index === last.index &&
      header.last.term === last.term &&
      header.hardState.term === hardState.term &&
      header.hardState.votedFor === hardState.votedFor &&
      header.hardState.commit === hardState.commit;
    if (isSame) return;
    const message = `doesn't go on where ${this.#name} ends`;
    throw damaged(WalDamageKind.Inconsistent, name, segmentHeaderBytes, message);
  }

  #missingRecord(mark: Mark): Error {
    const current = this.#segments.at(-1);
    if (current !== undefined && mark.segment <= current.number) {
      return this.#damagedRecord(
        `records up to sequence ${mark.sequence}, which ends at ${mark.endOffset} of ` +
          `${segmentName(mark.segment)}, had been synced and acknowledged`,
      );
    }
    const name = segmentName(mark.segment);
    const isThere = this.#names.has(name);
    const message =
      `held the record ${mark.sequence}, which was acknowledged` +
      (isThere ? ', but its header is damaged or of another one' : ', but is missing');
    const kind = isThere ? WalDamageKind.DamagedSegment : WalDamageKind.MissingSegment;
    return damaged(kind, name, 0, message);
  }

  #damagedRecord(proof: string): Error {
    const message = `record ${this.#sequence + 1} is damaged or gone, but was durable: ${proof}`;
    return damaged(WalDamageKind.DamagedRecord, this.#name, this.#offset, message);
  }

  #tornRecordBytes(): number {
    const header = readRecordHeader(this.#bytes, this.#offset, this.#seed);
    if (header === null || header.sequence !== this.#sequence + 1) return 0;
    return Math.min(recordBytes(header.payloadBytes), this.#bytes.length - this.#offset);
  }
}
