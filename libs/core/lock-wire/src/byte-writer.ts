/**
 * Writes protobuf fields into one growing piece of memory ("Encoding", Protocol Buffers' guide).
 * Tags are whole: field number × 8 + wire type, below 128. Fields of value 0 or '' are left out, as
 * proto3 does. Numbers that the field can't hold are a bug of the caller, and throw.
 */
import { assert } from '@windlass/base';
import { integerMax, uint32Max } from './bounds.ts';

/** Memory that is kept between frames. One larger frame doesn't make every later one expensive. */
const keptBytes = 64 * 1024;

/** Shorter strings are written byte by byte: a call out of JavaScript costs more. */
const shortStringCharsMax = 64;

const varintBytesMax = 8;
const textEncoder = new TextEncoder();

export class ByteWriter {
  #bytes = new Uint8Array(keptBytes);
  #length = 0;

  reset(): void {
    this.#length = 0;
    if (this.#bytes.length > keptBytes) this.#bytes = new Uint8Array(keptBytes);
  }

  /** A copy of what was written since reset. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** uint64, below 2^53. */
  integer(tag: number, value: number): void {
    if (value === 0) return;
    this.#reserve(1 + varintBytesMax);
    this.#bytes[this.#length++] = tag;
    this.#varint(value);
  }

  /** uint32 or an enumeration. */
  uint32(tag: number, value: number): void {
    assert(value <= uint32Max, `${value} is no uint32`);
    this.integer(tag, value);
  }

  text(tag: number, value: string): void {
    const { length } = value;
    if (length === 0) return;
    this.#reserve(2 + length);
    if (length > shortStringCharsMax || !this.#ascii(tag, value)) this.#utf8(tag, value);
  }

  blob(tag: number, value: Uint8Array): void {
    if (value.length === 0) return;
    this.#reserve(1 + varintBytesMax + value.length);
    this.#bytes[this.#length++] = tag;
    this.#varint(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Begins a message, with one byte for its length until end() knows it. Returns its start. */
  begin(tag: number): number {
    this.#reserve(2);
    this.#bytes[this.#length] = tag;
    this.#length += 2;
    return this.#length;
  }

  end(start: number): void {
    const length = this.#length - start;
    if (length < 0x80) {
      this.#bytes[start - 1] = length;
      return;
    }
    const moved = start + varintSize(length) - 1;
    this.#reserve(varintBytesMax);
    this.#bytes.copyWithin(moved, start, this.#length);
    this.#length = start - 1;
    this.#varint(length);
    this.#length = moved + length;
  }

  #varint(value: number): void {
    const bytes = this.#bytes;
    let rest = value;
    if (rest >>> 0 !== rest) {
      assert(Number.isInteger(rest) && rest >= 0 && rest <= integerMax, `${rest} is no integer`);
      // Four bytes of seven bits each; what is left of 53 bits then fits 32.
      const low = rest % 0x1000_0000;
      rest = (rest - low) / 0x1000_0000;
      bytes[this.#length++] = (low & 0x7f) | 0x80;
      bytes[this.#length++] = ((low >>> 7) & 0x7f) | 0x80;
      bytes[this.#length++] = ((low >>> 14) & 0x7f) | 0x80;
      bytes[this.#length++] = ((low >>> 21) & 0x7f) | 0x80;
    }
    while (rest >= 0x80) {
      bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[this.#length++] = rest;
  }

  /** False, with nothing written, if a character isn't ASCII. The space is reserved. */
  #ascii(tag: number, value: string): boolean {
    const bytes = this.#bytes;
    const { length } = value;
    const start = this.#length + 2;
    for (let index = 0; index < length; index += 1) {
      const unit = value.charCodeAt(index);
      if (unit >= 0x80) return false;
      bytes[start + index] = unit;
    }
    bytes[start - 2] = tag;
    bytes[start - 1] = length;
    this.#length = start + length;
    return true;
  }

  #utf8(tag: number, value: string): void {
    // The encoder would write U+FFFD instead, and so make one key of two.
    assert(value.isWellFormed(), 'a string has a lone surrogate');
    const start = this.begin(tag);
    this.#reserve(value.length * 3);
    this.#length += textEncoder.encodeInto(value, this.#bytes.subarray(start)).written;
    this.end(start);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest >>>= 7) size += 1;
  return size;
}
