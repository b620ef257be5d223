/**
 * A record: one batch, whole. Its header has a checksum of its own, with the log's id in it: so a
 * record that lies behind a damaged one is found, and proves that the damaged one had been synced.
 *
 * | offset | bytes |                                                                       |
 * | 0      | 4     | magic                                                                 |
 * | 4      | 4     | CRC32C of bytes [8, 32), seeded with that of the log's id             |
 * | 8      | 8     | sequence: one more than that of the record before                     |
 * | 16     | 4     | bytes of the payload                                                  |
 * | 20     | 1 + 3 | kind; 0                                                               |
 * | 24     | 4     | the record before: its bytes [4, 8)                                   |
 * | 28     | 4     | CRC32C of the payload                                                 |
 * | 32     |       | payload; zeroes up to a multiple of 8                                 |
 *
 * The chain: a header's checksum covers its payload's checksum and the header before, and so
 * everything up to there. Stale bytes of a recycled segment have lower sequences and another chain.
 *
 * Payload: see batch-codec.ts.
 */
import { crc32c } from './crc32c.ts';
import { readUint64, writeUint64 } from './numbers.ts';

export const recordHeaderBytes = 32;
export const recordAlignmentBytes = 8;
/** No ASCII, no small number, so that it is rare in data. */
const magicBytes = Buffer.from([0xd7, 0x9c, 0xe1, 0xb5]);
const magic = magicBytes.readUInt32LE(0);

export const RecordKind = {
  /** Entries and hard state. */
  Batch: 1,
  /** A snapshot takes the place of log and state; then as Batch. */
  Install: 2,
} as const;
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

export type RecordHeader = {
  readonly checksum: number;
  readonly sequence: number;
  readonly payloadBytes: number;
  /** A RecordKind, unless a newer version wrote it. */
  readonly kind: number;
  readonly previousChecksum: number;
  readonly payloadChecksum: number;
};

/** Bytes that a record with such a payload takes. */
export function recordBytes(payloadBytes: number): number {
  return (
    Math.ceil((recordHeaderBytes + payloadBytes) / recordAlignmentBytes) * recordAlignmentBytes
  );
}

/** What the headers' checksums begin with. */
export function recordSeed(logId: Buffer): number {
  return crc32c(logId);
}

/** Writes the header in front of a payload that stands at at + 32. Gives its checksum. */
export function sealRecord(
  bytes: Buffer,
  at: number,
  fields: Pick<RecordHeader, 'sequence' | 'payloadBytes' | 'kind' | 'previousChecksum'>,
  seed: number,
): number {
  const payloadAt = at + recordHeaderBytes;
  const payloadEnd = payloadAt + fields.payloadBytes;
  bytes.writeUInt32LE(magic, at);
  writeUint64(bytes, fields.sequence, at + 8);
  bytes.writeUInt32LE(fields.payloadBytes, at + 16);
  bytes.writeUInt32LE(fields.kind, at + 20);
  bytes.writeUInt32LE(fields.previousChecksum, at + 24);
  bytes.writeUInt32LE(crc32c(bytes, payloadAt, payloadEnd), at + 28);
  const checksum = crc32c(bytes, at + 8, payloadAt, seed);
  bytes.writeUInt32LE(checksum, at + 4);
  bytes.fill(0, payloadEnd, at + recordBytes(fields.payloadBytes));
  return checksum;
}

/** The header at a place whose own checksum holds; null for anything else. */
export function readRecordHeader(bytes: Buffer, at: number, seed: number): RecordHeader | null {
  if (at + recordHeaderBytes > bytes.length || bytes.readUInt32LE(at) !== magic) return null;
  const checksum = bytes.readUInt32LE(at + 4);
  if (crc32c(bytes, at + 8, at + recordHeaderBytes, seed) !== checksum) return null;
  return {
    checksum,
    sequence: readUint64(bytes, at + 8),
    payloadBytes: bytes.readUInt32LE(at + 16),
    kind: bytes.readUInt32LE(at + 20),
    previousChecksum: bytes.readUInt32LE(at + 24),
    payloadChecksum: bytes.readUInt32LE(at + 28),
  };
}

/** True where the payload fits into the bytes and has its checksum. */
export function payloadHolds(bytes: Buffer, at: number, header: RecordHeader): boolean {
  const payloadAt = at + recordHeaderBytes;
  const payloadEnd = payloadAt + header.payloadBytes;
  return (
    payloadEnd <= bytes.length && crc32c(bytes, payloadAt, payloadEnd) === header.payloadChecksum
  );
}

/** The place of a header with a sequence above the given one, from a place on; -1: there is none. */
export function findLaterRecord(bytes: Buffer, from: number, above: number, seed: number): number {
  let at = bytes.indexOf(magicBytes, from);
  while (at !== -1) {
    const header = at % recordAlignmentBytes === 0 ? readRecordHeader(bytes, at, seed) : null;
    if (header !== null && header.sequence > above) return at;
    at = bytes.indexOf(magicBytes, at + 1);
  }
  return -1;
}
