/**
 * Reads protobuf from untrusted bytes. It never reads out of bounds and never throws: what is
 * malformed sets `failure`, after which every read gives 0 and the loop over the fields ends.
 */
import { WireType } from './protobuf-writer.ts';

const noBytes = new Uint8Array(0);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class ProtobufReader {
  /** The first thing that was wrong, or null. */
  failure: string | null = null;
  /** Number of the field that nextField() found, and how its content is written. */
  field = 0;
  wireType = 0;
  readonly #bytes: Uint8Array;
  #position = 0;
  #end: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** Goes to the next field; false at the end, and after a failure. */
  nextField(): boolean {
    if (this.failure !== null || this.#position >= this.#end) return false;
    const tag = this.varint();
    this.field = Math.floor(tag / 8);
    this.wireType = tag % 8;
    if (this.field === 0) this.fail('a field has the number 0');
    return this.failure === null;
  }

  /** A number field's content. */
  number(): number {
    if (this.wireType === WireType.Varint) return this.varint();
    this.fail('a number is written as something else');
    return 0;
  }

  boolean(): boolean {
    return this.number() !== 0;
  }

  /** A view of the content, not a copy. */
  bytes(): Uint8Array {
    const length = this.#length();
    if (this.failure !== null || length === 0) return noBytes;
    const start = this.#bytes.byteOffset + this.#position;
    this.#position += length;
    return new Uint8Array(this.#bytes.buffer, start, length);
  }

  text(): string {
    const bytes = this.bytes();
    try {
      return utf8.decode(bytes);
    } catch {
      this.fail('a text is not UTF-8');
      return '';
    }
  }

  /** Adds the content of a repeated number field, packed or not. */
  numbersInto(numbers: number[]): void {
    if (this.wireType === WireType.Varint) {
      numbers.push(this.varint());
      return;
    }
    const outerEnd = this.enter();
    while (this.failure === null && this.#position < this.#end) numbers.push(this.varint());
    this.leave(outerEnd);
  }

  /** Goes into a message field: until leave(), its end is the end. */
  enter(): number {
    const outerEnd = this.#end;
    const length = this.#length();
    if (this.failure === null) this.#end = this.#position + length;
    return outerEnd;
  }

  leave(outerEnd: number): void {
    this.#end = outerEnd;
  }

  /** Goes past the content of a field that isn't known here. */
  skip(): void {
    switch (this.wireType) {
      case WireType.Varint:
        this.#skipVarint();
        return;
      case WireType.Fixed64:
        this.#advance(8);
        return;
      case WireType.Bytes:
        this.#advance(this.#length());
        return;
      case WireType.Fixed32:
        this.#advance(4);
        return;
      default:
        this.fail(`no field is written as type ${this.wireType}`);
    }
  }

  fail(reason: string): void {
    this.failure ??= reason;
  }

  varint(): number {
    const first = this.#bytes[this.#position] ?? 0;
    if (first < 0x80 && this.#position < this.#end) {
      this.#position += 1;
      return first;
    }
    return this.#longVarint();
  }

  #longVarint(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count += 1) {
      if (this.#position >= this.#end) {
        this.fail('a number is cut off');
        return 0;
      }
      const byte = this.#bytes[this.#position] ?? 0;
      this.#position += 1;
      value += (byte & 0x7f) * factor;
      if (value > Number.MAX_SAFE_INTEGER) {
        this.fail('a number is beyond 2^53');
        return 0;
      }
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
    this.fail('a number has no end');
    return 0;
  }

  /** Unknown numbers may be of any size. */
  #skipVarint(): void {
    for (let count = 0; count < 10; count += 1) {
      const byte = this.#bytes[this.#position] ?? 0;
      this.#advance(1);
      if (byte < 0x80) return;
    }
    this.fail('a number has no end');
  }

  #length(): number {
    if (this.wireType !== WireType.Bytes) {
      this.fail('bytes are written as something else');
      return 0;
    }
    const length = this.varint();
    if (length > this.#end - this.#position) {
      this.fail('bytes are cut off');
      return 0;
    }
    return length;
  }

  #advance(count: number): void {
    if (count > this.#end - this.#position) this.fail('a field is cut off');
    else this.#position += count;
  }
}
