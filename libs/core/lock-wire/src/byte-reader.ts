/**
 * Reads protobuf fields with every bound checked. The first fault stops it: from then on there is
 * nothing more to read, values mean nothing, and result() says what was wrong where. So the codecs
 * need no checks of their own between the fields, and nothing throws.
 */
import { fail, ok, type Result } from '@windlass/base';
import { integerMax, uint32Max } from './bounds.ts';

/** What is wrong with the bytes, and at which of them (from 0). */
export type WireError = { readonly message: string; readonly offset: number };

/** Shorter strings are made of their codes: a call out of JavaScript costs more. */
const shortStringBytesMax = 32;

const varintBytesMax = 10;
const noBytes = new Uint8Array(0);
const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const { fromCharCode } = String;

const WireType = { Varint: 0, Fixed64: 1, Delimited: 2, Fixed32: 5 } as const;

export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;
  /** End of the message that is being read. Invariant: offset <= end <= bytes.length. */
  #end: number;
  #error: WireError | null = null;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** True while the message that is being read has more fields. */
  more(): boolean {
    return this.#offset < this.#end;
  }

  result<Value>(value: Value): Result<Value, WireError> {
    return this.#error === null ? ok(value) : fail(this.#error);
  }

  refuse(message: string): void {
    this.#error ??= { message, offset: this.#offset };
    this.#offset = 0;
    this.#end = 0;
  }

  /** Field number × 8 + wire type. */
  tag(): number {
    const tag = this.uint32();
    if (tag < 8 && this.#error === null) this.refuse('field number 0');
    return tag;
  }

  /** uint64, refused beyond 2^53 − 1. */
  integer(): number {
    const first = this.#bytes[this.#offset];
    if (first === undefined || first >= 0x80 || this.#offset >= this.#end) {
      return this.#longInteger();
    }
    this.#offset += 1;
    return first;
  }

  /** uint32 or an enumeration. */
  uint32(): number {
    const value = this.integer();
    if (value <= uint32Max) return value;
    this.refuse('a number beyond 32 bits');
    return 0;
  }

  text(): string {
    const length = this.#delimited();
    const start = this.#offset;
    const end = start + length;
    this.#offset = end;
    if (length <= shortStringBytesMax) {
      const value = asciiText(this.#bytes, start, end);
      if (value !== null) return value;
    }
    try {
      return textDecoder.decode(this.#bytes.subarray(start, end));
    } catch {
      this.#offset = start;
      this.refuse('text that is not UTF-8');
      return '';
    }
  }

  /** A copy: whoever keeps it doesn't keep the frame. */
  blob(): Uint8Array {
    const length = this.#delimited();
    if (length === 0) return noBytes;
    const start = this.#offset;
    this.#offset = start + length;
    return new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  /** Begins a message inside the one that is being read; leave() takes what this returns. */
  enter(): number {
    const length = this.#delimited();
    const outer = this.#end;
    this.#end = this.#offset + length;
    return outer;
  }

  leave(outer: number): void {
    if (this.#error === null) this.#end = outer;
  }

  /**
   * Skips a field that the codec doesn't know: a newer peer sent it. A field that it does know, by
   * number (1 to knownMax), has a wrong wire type then.
   */
  skip(tag: number, knownMax: number): void {
    const field = tag >>> 3;
    const wireType = tag & 7;
    if (field <= knownMax) {
      this.refuse(`field ${field} has wire type ${wireType}`);
      return;
    }
    switch (wireType) {
      case WireType.Varint:
        this.#skipVarint();
        return;
      case WireType.Fixed64:
        this.#advance(8);
        return;
      case WireType.Fixed32:
        this.#advance(4);
        return;
      case WireType.Delimited:
        this.#advance(this.#delimited());
        return;
      default:
        // Groups (3 and 4) don't exist in proto3, so no newer peer sends them.
        this.refuse(`wire type ${wireType}`);
    }
  }

  /** A length, of which that many bytes are there. */
  #delimited(): number {
    const length = this.uint32();
    if (length <= this.#end - this.#offset) return length;
    this.refuse(`${length} bytes announced, ${this.#end - this.#offset} left`);
    return 0;
  }

  #advance(count: number): void {
    if (count <= this.#end - this.#offset) this.#offset += count;
    else this.refuse('the bytes end inside a field');
  }

  #longInteger(): number {
    let value = 0;
    let scale = 1;
    for (let index = 0; index < varintBytesMax; index += 1) {
      const byte = this.#nextByte();
      const digits = (byte & 0x7f) * scale;
      // Exact: up to here value < scale <= 2^49, or the digits are 0.
      if (digits > integerMax - value) {
        this.refuse('a number beyond 2^53 - 1');
        return 0;
      }
      value += digits;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    this.refuse('a varint of more than 10 bytes');
    return 0;
  }

  #skipVarint(): void {
    for (let index = 0; index < varintBytesMax; index += 1) {
      if (this.#nextByte() < 0x80) return;
    }
    this.refuse('a varint of more than 10 bytes');
  }

  #nextByte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined || this.#offset >= this.#end) {
      this.refuse('the bytes end inside a number');
      return 0;
    }
    this.#offset += 1;
    return byte;
  }
}

/** Null if a byte isn't ASCII. Eight at a time: each call of fromCharCode makes a string. */
function asciiText(bytes: Uint8Array, start: number, end: number): string | null {
  for (let index = start; index < end; index += 1) {
    if ((bytes[index] ?? 0x80) >= 0x80) return null;
  }
  let text = '';
  let index = start;
  const code = (place: number): number => bytes[place] ?? 0;
  for (; index + 8 <= end; index += 8) {
    text += fromCharCode(
      code(index),
      code(index + 1),
      code(index + 2),
      code(index + 3),
      code(index + 4),
      code(index + 5),
      code(index + 6),
      code(index + 7),
    );
  }
  for (; index < end; index += 1) text += fromCharCode(code(index));
  return text;
}
