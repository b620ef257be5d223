/**
 * The start of every file but the records: magic, version, checksum, the id of the log. Its place
 * and meaning stay the same in all versions, so that a newer file is told from a damaged one.
 *
 * | offset | bytes |                                                                   |
 * | 0      | 8     | magic, ASCII                                                      |
 * | 8      | 4     | version of the format                                             |
 * | 12     | 4     | CRC32C of bytes [0, 12), then [16, end of what the header covers) |
 * | 16     | 8     | id of the log, random: files of one folder have the same          |
 */
import { crc32c } from './crc32c.ts';
import { damaged, WalDamageKind } from './damage.ts';

export const formatVersion = 1;
/** What follows the common part begins here. */
export const preambleBytes = 24;
const checksumAt = 12;
const logIdAt = 16;
export const logIdBytes = 8;

/** Fills in the common part; everything up to `end` is covered by the checksum. */
export function sealHeader(bytes: Buffer, magic: string, logId: Buffer, end: number): void {
  bytes.write(magic, 0, 'latin1');
  bytes.writeUInt32LE(formatVersion, 8);
  logId.copy(bytes, logIdAt);
  bytes.writeUInt32LE(headerChecksum(bytes, end), checksumAt);
}

/** The checksum that the header should have. */
function headerChecksum(bytes: Buffer, end: number): number {
  return crc32c(bytes, 16, end, crc32c(bytes, 0, checksumAt));
}

export function sealedChecksum(bytes: Buffer): number {
  return bytes.readUInt32LE(checksumAt);
}

/** True where magic and checksum hold, whatever the version and the log. */
export function isSealed(bytes: Buffer, magic: string, end: number): boolean {
  return (
    bytes.length >= end &&
    bytes.toString('latin1', 0, 8) === magic &&
    headerChecksum(bytes, end) === sealedChecksum(bytes)
  );
}

export function sealedLogId(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(logIdAt, logIdAt + logIdBytes));
}

/** Throws for a sealed header of a newer version, or of another log (null: any will do). */
export function checkOrigin(bytes: Buffer, logId: Buffer | null, file: string): void {
  const version = bytes.readUInt32LE(8);
  if (version !== formatVersion) {
    throw damaged(
      WalDamageKind.NewerVersion,
      file,
      8,
      `has version ${version} of the format; this program knows ${formatVersion}`,
    );
  }
  if (logId !== null && !sealedLogId(bytes).equals(logId)) {
    throw damaged(WalDamageKind.ForeignFile, file, logIdAt, "belongs to another node's folder");
  }
}
