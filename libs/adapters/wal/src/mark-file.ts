/**
 * The second place of the last synced end. A slot is written after each batch's sync and before its
 * acknowledgement, the two slots in turn, without a sync of its own: it outlives the process, and a
 * power cut once the quiet after a batch made it durable. While batches follow each other none of
 * that is needed: each proves the one before it. A mark never says more than is true.
 *
 * | offset | bytes |                                                                     |
 * | 0      | 512   | header, see framed-file.ts; made last: it makes a folder a log      |
 * | 4096   | 32    | slot of even sequences                                              |
 * | 8192   | 32    | slot of odd sequences                                               |
 *
 * Slot: CRC32C of bytes [8, 32) seeded as the records' headers (4), 0 (4), sequence of the record
 * (8), number of its segment (8), offset of its end (4), its checksum (4).
 */
import { crc32c } from './crc32c.ts';
import { damaged, WalDamageKind } from './damage.ts';
import { readWhole, replaceFile, type WalFiles } from './files.ts';
import { checkOrigin, isSealed, sealedLogId, sealHeader } from './framed-file.ts';
import { markName } from './names.ts';
import { readUint64, writeUint64 } from './numbers.ts';
import { recordSeed } from './record.ts';

const magic = 'WLOGMARK';
const headerBytes = 512;
const slotBytes = 32;
const blockBytes = 4096;
const markFileBytes = 3 * blockBytes;

export type Mark = {
  /** Sequence of the last record that is known to be durable; 0: none. */
  readonly sequence: number;
  readonly segment: number;
  readonly endOffset: number;
  readonly checksum: number;
};

/** Makes the folder a log with this id. */
export async function createMarkFile(
  files: WalFiles,
  folder: string,
  logId: Buffer,
): Promise<void> {
  const bytes = Buffer.alloc(markFileBytes);
  sealHeader(bytes, magic, logId, headerBytes);
  const nothing = { sequence: 0, segment: 0, endOffset: 0, checksum: 0 };
  encodeSlot(bytes, blockBytes, nothing, recordSeed(logId));
  await replaceFile(files, folder, markName, bytes);
}

/** The log's id and its newest mark. Throws WalDamagedError. */
export async function readMarkFile(
  files: WalFiles,
  folder: string,
): Promise<{ logId: Buffer; mark: Mark }> {
  const bytes = await readWhole(files, `${folder}/${markName}`);
  if (bytes.length !== markFileBytes) {
    const message = `has ${bytes.length} bytes instead of ${markFileBytes}`;
    throw damaged(WalDamageKind.WrongSize, markName, bytes.length, message);
  }
  if (!isSealed(bytes, magic, headerBytes)) {
    throw damaged(WalDamageKind.DamagedMark, markName, 0, 'its header is damaged');
  }
  checkOrigin(bytes, null, markName);
  const logId = sealedLogId(bytes);
  const even = decodeSlot(bytes, slotAt(0), recordSeed(logId));
  const odd = decodeSlot(bytes, slotAt(1), recordSeed(logId));
  const mark = odd !== null && (even === null || odd.sequence > even.sequence) ? odd : even;
  if (mark === null) {
    throw damaged(WalDamageKind.DamagedMark, markName, blockBytes, 'both of its slots are damaged');
  }
  return { logId, mark };
}

/** Writes a slot into bytes[0, 32). Gives its place in the file. */
export function encodeMark(bytes: Buffer, mark: Mark, seed: number): number {
  encodeSlot(bytes, 0, mark, seed);
  return slotAt(mark.sequence);
}

export const markSlotBytes = slotBytes;

function slotAt(sequence: number): number {
  return sequence % 2 === 0 ? blockBytes : 2 * blockBytes;
}

function encodeSlot(bytes: Buffer, at: number, mark: Mark, seed: number): void {
  bytes.writeUInt32LE(0, at + 4);
  writeUint64(bytes, mark.sequence, at + 8);
  writeUint64(bytes, mark.segment, at + 16);
  bytes.writeUInt32LE(mark.endOffset, at + 24);
  bytes.writeUInt32LE(mark.checksum, at + 28);
  bytes.writeUInt32LE(crc32c(bytes, at + 8, at + slotBytes, seed), at);
}

function decodeSlot(bytes: Buffer, at: number, seed: number): Mark | null {
  if (crc32c(bytes, at + 8, at + slotBytes, seed) !== bytes.readUInt32LE(at)) return null;
  return {
    sequence: readUint64(bytes, at + 8),
    segment: readUint64(bytes, at + 16),
    endOffset: bytes.readUInt32LE(at + 24),
    checksum: bytes.readUInt32LE(at + 28),
  };
}
