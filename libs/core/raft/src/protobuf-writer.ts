/**
 * Writes protobuf into a buffer whose size was computed before: no growing, no copy. Fields at
 * their default are left out, as proto3 wants. Numbers are whole, in [0, 2^53).
 */
import { assert } from '@windlass/base';

export const WireType = { Varint: 0, Fixed64: 1, Bytes: 2, Fixed32: 5 } as const;

export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}

/** Of a number field below 16, 0 where it is left out. */
export function numberFieldSize(value: number): number {
  return value === 0 ? 0 : 1 + varintSize(value);
}

/** Of a bytes, string or message field below 16 with so much content, however little. */
export function bytesFieldSize(length: number): number {
  return 1 + varintSize(length) + length;
}

export class ProtobufWriter {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
  }

  finish(): Uint8Array {
    assert(this.#position === this.#bytes.length, 'the size was computed right');
    return this.#bytes;
  }

  varint(value: number): void {
    const bytes = this.#bytes;
    let rest = value;
    while (rest > 0x7fffffff) {
      bytes[this.#position] = (rest % 0x80) + 0x80;
      this.#position += 1;
      rest = Math.floor(rest / 0x80);
    }
    while (rest >= 0x80) {
      bytes[this.#position] = (rest & 0x7f) | 0x80;
      this.#position += 1;
      rest >>>= 7;
    }
    bytes[this.#position] = rest;
    this.#position += 1;
  }

  numberField(field: number, value: number): void {
    if (value === 0) return;
    this.varint((field << 3) | WireType.Varint);
    this.varint(value);
  }

  booleanField(field: number, value: boolean): void {
    this.numberField(field, value ? 1 : 0);
  }

  /** The head of a bytes, string or message field; its content follows. */
  head(field: number, length: number): void {
    this.varint((field << 3) | WireType.Bytes);
    this.varint(length);
  }

  raw(content: Uint8Array): void {
    this.#bytes.set(content, this.#position);
    this.#position += content.length;
  }
}
