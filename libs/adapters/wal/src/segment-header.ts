/**
 * The first 512 bytes of a segment, written together with its first record. They say what the log
 * was before that record, so that earlier segments can go.
 *
 * | offset | bytes | (after the common part, see framed-file.ts)                          |
 * | 24     | 8     | number of the segment                                                |
 * | 32     | 8     | size of the file                                                     |
 * | 40     | 8     | sequence of its first record                                         |
 * | 48     | 4     | checksum of the record before (0: none)                              |
 * | 52     | 4     | 0                                                                    |
 * | 56     | 8 + 8 | index and term of the last entry before, or of the snapshot under it |
 * | 72     | 3 × 8 | term, vote and commit before                                         |
 */
import type { HardState } from '@windlass/raft';
import { checkOrigin, isSealed, sealHeader } from './framed-file.ts';
import { readUint64, writeUint64 } from './numbers.ts';

export const segmentHeaderBytes = 512;
const magic = 'WLSEGMNT';

/** A place in the log: an entry's, or that of a snapshot that it begins after. */
export type LogPlace = { readonly index: number; readonly term: number };

export type SegmentHeader = {
  readonly number: number;
  readonly fileBytes: number;
  readonly firstSequence: number;
  readonly previousChecksum: number;
  readonly last: LogPlace;
  readonly hardState: HardState;
};

/** Writes the header into bytes[0, 512). */
export function encodeSegmentHeader(bytes: Buffer, header: SegmentHeader, logId: Buffer): void {
  bytes.fill(0, 0, segmentHeaderBytes);
  writeUint64(bytes, header.number, 24);
  writeUint64(bytes, header.fileBytes, 32);
  writeUint64(bytes, header.firstSequence, 40);
  bytes.writeUInt32LE(header.previousChecksum, 48);
  writeUint64(bytes, header.last.index, 56);
  writeUint64(bytes, header.last.term, 64);
  writeUint64(bytes, header.hardState.term, 72);
  writeUint64(bytes, header.hardState.votedFor, 80);
  writeUint64(bytes, header.hardState.commit, 88);
  sealHeader(bytes, magic, logId, segmentHeaderBytes);
}

/**
 * Null where there is no header: a segment that was never in use, or whose header was torn. Throws
 * WalDamagedError for one of another log or a newer version.
 */
export function decodeSegmentHeader(
  bytes: Buffer,
  logId: Buffer,
  file: string,
): SegmentHeader | null {
  if (!isSealed(bytes, magic, segmentHeaderBytes)) return null;
  checkOrigin(bytes, logId, file);
  return {
    number: readUint64(bytes, 24),
    fileBytes: readUint64(bytes, 32),
    firstSequence: readUint64(bytes, 40),
    previousChecksum: bytes.readUInt32LE(48),
    last: { index: readUint64(bytes, 56), term: readUint64(bytes, 64) },
    hardState: {
      term: readUint64(bytes, 72),
      votedFor: readUint64(bytes, 80),
      commit: readUint64(bytes, 88),
    },
  };
}
