/**
 * The bytes of a snapshot: whole numbers below 2^53 in groups of seven bits, the lowest first,
 * and texts and bytes behind their length.
 */
import { required } from '@windlass/base';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const firstCapacity = 4_096;

/** Up to here a loop is faster than a view and a call. */
const copiedByHandMax = 128;

export class ByteWriter {
  #bytes = new Uint8Array(firstCapacity);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  number(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length] = (rest & 0x7f) | 0x80;
      this.#length += 1;
      rest = rest < 0x8000_0000 ? rest >>> 7 : Math.floor(rest / 128);
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  text(value: string): void {
    const start = this.#length;
    this.number(value.length);
    this.#reserve(value.length);
    for (let index = 0; index < value.length; index += 1) {
      const unit = value.charCodeAt(index);
      if (unit > 0x7f) {
        this.#length = start;
        this.bytes(encoder.encode(value));
        return;
      }
      this.#bytes[this.#length] = unit;
      this.#length += 1;
    }
  }

  bytes(value: Uint8Array): void {
    this.number(value.length);
    this.raw(value);
  }

  /** Moves what another writer holds, behind its length. */
  record(from: ByteWriter): void {
    this.number(from.#length);
    this.raw(from.#bytes, from.#length);
    from.#length = 0;
  }

  raw(value: Uint8Array, length = value.length): void {
    this.#reserve(length);
    if (length > copiedByHandMax) {
      this.#bytes.set(value.subarray(0, length), this.#length);
      this.#length += length;
      return;
    }
    for (let index = 0; index < length; index += 1) {
      this.#bytes[this.#length] = value[index] ?? 0;
      this.#length += 1;
    }
  }

  /** Four bytes, the lowest first. */
  fixed32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte((value >>> shift) & 0xff);
  }

  /** What was written since the last time. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Thrown by a ByteReader where the bytes end too early or make no sense. Caught in restore.ts. */
export class BytesError extends Error {
  override readonly name = 'BytesError';
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  get left(): number {
    return this.#bytes.length - this.#offset;
  }

  byte(): number {
    if (this.left < 1) throw new BytesError('ends early');
    const value = required(this.#bytes[this.#offset], 'the byte');
    this.#offset += 1;
    return value;
  }

  number(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new BytesError('has a number that is too large');
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  text(): string {
    const bytes = this.#take(this.number());
    try {
      return decoder.decode(bytes);
    } catch (error) {
      throw new BytesError('has a text that is not UTF-8', { cause: error });
    }
  }

  /** A copy. */
  bytes(): Uint8Array {
    return this.#take(this.number()).slice();
  }

  fixed32(): number {
    let value = 0;
    for (let shift = 0; shift < 32; shift += 8) value |= this.byte() << shift;
    return value >>> 0;
  }

  #take(length: number): Uint8Array {
    if (this.left < length) throw new BytesError('ends early');
    const start = this.#offset;
    this.#offset += length;
    return this.#bytes.subarray(start, this.#offset);
  }
}

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb8_8320 : 0);
  return value;
});

/** CRC-32 (IEEE 802.3) of some bytes, going on from that of the bytes before; 0 at first. */
export function crc32(bytes: Uint8Array, before: number): number {
  let crc = ~before;
  for (let index = 0; index < bytes.length; index += 1) {
    const entry = crcTable[(crc ^ required(bytes[index], 'the byte')) & 0xff];
    crc = (crc >>> 8) ^ required(entry, 'the entry');
  }
  return ~crc >>> 0;
}
