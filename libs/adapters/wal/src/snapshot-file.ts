/**
 * One snapshot in a file. After the common part (framed-file.ts): bytes of the text (4), 0 (4), and
 * the description as JSON, under the header's checksum. Then frames:
 *
 * | bytes |                                                                           |
 * | 4     | bytes of the piece, at most 1 MiB; 0: the last frame                      |
 * | 4     | CRC32C of the four bytes before and the piece, seeded with the one before |
 * |       | the piece; in the last frame the bytes of all pieces (8)                  |
 *
 * The first frame's seed is the header's checksum. Nothing follows the last frame.
 */
import type { SnapshotDescription } from '@windlass/raft';
import { crc32c } from './crc32c.ts';
import { damaged, type WalDamagedError, WalDamageKind } from './damage.ts';
import { syncData, type WalFile, writeAt } from './files.ts';
import { checkOrigin, isSealed, preambleBytes, sealedChecksum, sealHeader } from './framed-file.ts';
import { isSnapshotDescription } from './json.ts';
import { backgroundSyncBytes, snapshotFrameBytesMax } from './limits.ts';
import { readUint64, writeUint64 } from './numbers.ts';

const magic = 'WLSNAPSH';
const textAt = preambleBytes + 8;
const frameHeaderBytes = 8;
/** Members are few and their texts short; a length beyond it is damage. */
const textBytesMax = 16 * 1024 * 1024;

/** Writes and syncs a whole file. Gives the bytes of the state. Its name isn't durable yet. */
export async function writeSnapshotFile(
  file: WalFile,
  logId: Buffer,
  description: SnapshotDescription,
  pieces: AsyncIterable<Uint8Array>,
): Promise<number> {
  const header = encodeHeader(description, logId);
  await writeAt(file, header, 0);
  const writer = new FrameWriter(file, header.length, sealedChecksum(header));
  for await (const piece of pieces) await writer.add(piece);
  return writer.end();
}

/** Reads and checks the description. Throws WalDamagedError. */
export async function readSnapshotHeader(
  file: WalFile,
  logId: Buffer,
  name: string,
): Promise<{ description: SnapshotDescription; framesAt: number; checksum: number }> {
  const wrong = () => damagedSnapshot(name, 0, 'its header is damaged');
  const start = Buffer.alloc(textAt);
  if ((await file.read(start, 0)) < textAt) throw wrong();
  const textBytes = start.readUInt32LE(preambleBytes);
  if (textBytes > textBytesMax) throw wrong();
  const header = Buffer.alloc(textAt + textBytes);
  const count = await file.read(header, 0);
  if (count < header.length || !isSealed(header, magic, header.length)) throw wrong();
  checkOrigin(header, logId, name);
  const description: unknown = JSON.parse(header.toString('utf8', textAt));
  if (!isSnapshotDescription(description)) {
    throw damaged(WalDamageKind.Inconsistent, name, textAt, 'has no description');
  }
  return { description, framesAt: header.length, checksum: sealedChecksum(header) };
}

/** The pieces, each checked before it is given. Throws WalDamagedError. */
export async function* readSnapshotFrames(
  file: WalFile,
  name: string,
  framesAt: number,
  seed: number,
): AsyncGenerator<Uint8Array> {
  let at = framesAt;
  let checksum = seed;
  let stateBytes = 0;
  const frameHeader = Buffer.alloc(frameHeaderBytes);
  for (;;) {
    if ((await file.read(frameHeader, at)) < frameHeaderBytes) {
      throw damagedSnapshot(name, at, 'ends too early');
    }
    const length = frameHeader.readUInt32LE(0);
    if (length > snapshotFrameBytesMax) throw damagedSnapshot(name, at, 'a frame is damaged');
    const isLast = length === 0;
    const piece = Buffer.allocUnsafeSlow(isLast ? 8 : length);
    const count = await file.read(piece, at + frameHeaderBytes);
    checksum = crc32c(piece, 0, count, crc32c(frameHeader, 0, 4, checksum));
    if (count < piece.length || checksum !== frameHeader.readUInt32LE(4)) {
      throw damagedSnapshot(name, at, 'a frame has a wrong checksum');
    }
    at += frameHeaderBytes + piece.length;
    if (isLast) {
      if (readUint64(piece, 0) !== stateBytes || (await file.sizeBytes()) !== at) {
        throw damagedSnapshot(name, at, 'its length is wrong');
      }
      return;
    }
    stateBytes += length;
    yield piece;
  }
}

function damagedSnapshot(name: string, offset: number, message: string): WalDamagedError {
  return damaged(WalDamageKind.DamagedSnapshot, name, offset, message);
}

function encodeHeader(description: SnapshotDescription, logId: Buffer): Buffer {
  const { index, term, configuration } = description;
  const text = Buffer.from(JSON.stringify({ index, term, configuration }));
  const bytes = Buffer.concat([Buffer.alloc(textAt), text]);
  bytes.writeUInt32LE(text.length, preambleBytes);
  sealHeader(bytes, magic, logId, bytes.length);
  return bytes;
}

/** Collects small pieces into frames, cuts large ones. */
class FrameWriter {
  readonly #file: WalFile;
  readonly #frame = Buffer.alloc(frameHeaderBytes + snapshotFrameBytesMax);
  #filled = 0;
  #at: number;
  #checksum: number;
  #stateBytes = 0;
  #unsyncedBytes = 0;

  constructor(file: WalFile, at: number, checksum: number) {
    this.#file = file;
    this.#at = at;
    this.#checksum = checksum;
  }

  async add(piece: Uint8Array): Promise<void> {
    for (let from = 0; from < piece.length; ) {
      const count = Math.min(piece.length - from, snapshotFrameBytesMax - this.#filled);
      this.#frame.set(piece.subarray(from, from + count), frameHeaderBytes + this.#filled);
      this.#filled += count;
      from += count;
      if (this.#filled === snapshotFrameBytesMax) await this.#flush();
    }
  }

  async end(): Promise<number> {
    if (this.#filled > 0) await this.#flush();
    writeUint64(this.#frame, this.#stateBytes, frameHeaderBytes);
    await this.#write(0, 8);
    await syncData(this.#file);
    return this.#stateBytes;
  }

  async #flush(): Promise<void> {
    this.#stateBytes += this.#filled;
    await this.#write(this.#filled, this.#filled);
    this.#filled = 0;
    if (this.#unsyncedBytes >= backgroundSyncBytes) {
      await syncData(this.#file);
      this.#unsyncedBytes = 0;
    }
  }

  async #write(length: number, bytes: number): Promise<void> {
    const frame = this.#frame;
    const end = frameHeaderBytes + bytes;
    frame.writeUInt32LE(length, 0);
    const checksum = crc32c(frame, frameHeaderBytes, end, crc32c(frame, 0, 4, this.#checksum));
    frame.writeUInt32LE(checksum, 4);
    await writeAt(this.#file, frame.subarray(0, end), this.#at);
    this.#checksum = checksum;
    this.#at += end;
    this.#unsyncedBytes += end;
  }
}
