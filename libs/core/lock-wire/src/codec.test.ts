import type { MessageInitShape } from '@bufbuild/protobuf';
import { create, type DescMessage, equals, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Result, seededRandom } from '@windlass/base';
import { CommandBatchSchema } from '@windlass/proto/lock/internal/v1/log';
import { SessionRequestSchema, SessionResponseSchema } from '@windlass/proto/lock/v1';
import { describe, expect, it } from 'vitest';
import type { WireError } from './byte-reader.ts';
import { decodeCommands } from './command-reader.ts';
import { encodeCommands } from './command-writer.ts';
import { isOperationKind } from './known-numbers.ts';
import { decodeSessionRequest, encodeSessionRequest } from './session-request.ts';
import { decodeSessionResponse, encodeSessionResponse } from './session-response.ts';
import { generatedBatch, generatedRequest, generatedResponse } from './testing/generated.ts';
import { anyBytes, anyCommands, anyRequest, anyResponse } from './testing/random-frames.ts';
import type { SessionRequestFrame } from './types.ts';

const request = {
  any: anyRequest,
  encode: encodeSessionRequest,
  decode: decodeSessionRequest,
  schema: SessionRequestSchema,
  generated: generatedRequest,
  // An operation of no known kind can be read, so that it is refused by itself.
  isWritable: (frame: SessionRequestFrame) =>
    frame.operations.every(({ kind }) => isOperationKind(kind)),
};
const response = {
  any: anyResponse,
  encode: encodeSessionResponse,
  decode: decodeSessionResponse,
  schema: SessionResponseSchema,
  generated: generatedResponse,
};
const commands = {
  any: anyCommands,
  encode: encodeCommands,
  decode: decodeCommands,
  schema: CommandBatchSchema,
  generated: generatedBatch,
};

describe('SessionRequest', () => {
  suite('request', request);
});
describe('SessionResponse', () => {
  suite('response', response);
});
describe('CommandBatch', () => {
  suite('commands', commands);
});

type Codec<Frame, Schema extends DescMessage> = {
  readonly any: (random: ReturnType<typeof seededRandom>) => Frame;
  readonly encode: (frame: Frame) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Result<Frame, WireError>;
  readonly schema: Schema;
  readonly generated: (frame: Frame) => MessageInitShape<Schema>;
  readonly isWritable?: (frame: Frame) => boolean;
};

function suite<Frame, Schema extends DescMessage>(name: string, codec: Codec<Frame, Schema>): void {
  const { any, encode, decode, schema, generated } = codec;
  const random = seededRandom(name);

  it('is read by the generated code as it was written', () => {
    for (let round = 0; round < 500; round += 1) {
      const frame = any(random);
      const read = fromBinary(schema, encode(frame));
      expect(equals(schema, read, create(schema, generated(frame)))).toBe(true);
    }
  });

  it('reads what the generated code wrote', () => {
    for (let round = 0; round < 500; round += 1) {
      const frame = any(random);
      const bytes = toBinary(schema, create(schema, generated(frame)));
      expect(decode(bytes)).toEqual({ ok: true, value: frame });
    }
  });

  it('refuses or reads bytes that were cut, flipped or made up, and never throws', () => {
    const refused: number[] = [];
    const read: Result<Frame, WireError>[] = [];
    const readAgain: Result<Frame, WireError>[] = [];
    for (let round = 0; round < 2000; round += 1) {
      const bytes = damaged(encode(any(random)), random);
      const decoded = decode(bytes);
      if (!decoded.ok) {
        refused.push(bytes.length - decoded.error.offset);
      } else if (codec.isWritable?.(decoded.value) !== false) {
        read.push(decoded);
        readAgain.push(decode(encode(decoded.value)));
      }
    }
    expect(Math.min(...refused)).toBeGreaterThanOrEqual(0);
    expect(readAgain).toEqual(read);
    expect(Math.min(refused.length, read.length)).toBeGreaterThan(200);
  });

  it('refuses a message cut anywhere but between two fields of the frame', () => {
    const bytes = encode(any(seededRandom(`${name}/cut`)));
    // What is cut between two fields is two messages.
    const torn = Array.from({ length: bytes.length }, (_, length) => length).filter(
      (length) => decode(bytes.subarray(0, length)).ok && !decode(bytes.subarray(length)).ok,
    );
    expect(bytes.length).toBeGreaterThan(20);
    expect(torn).toEqual([]);
  });

  it('skips the fields of a newer peer', () => {
    // Field 200 as a varint of 10 bytes, 8 bytes, 3 bytes and 4 bytes.
    const newer = [
      [0xc0, 0x0c, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
      [0xc1, 0x0c, 1, 2, 3, 4, 5, 6, 7, 8],
      [0xc2, 0x0c, 3, 1, 2, 3],
      [0xc5, 0x0c, 1, 2, 3, 4],
    ];
    const frame = any(random);
    const bytes = Uint8Array.from([...newer.flat(), ...encode(frame), ...newer.flat()]);
    expect(decode(bytes)).toEqual({ ok: true, value: frame });
  });

  it('keeps nothing of the bytes that it read', () => {
    for (let round = 0; round < 50; round += 1) {
      const frame = any(random);
      const bytes = encode(frame);
      const decoded = decode(bytes);
      bytes.fill(0xff);
      expect(decoded).toEqual({ ok: true, value: frame });
    }
  });
}

function damaged(bytes: Uint8Array, random: ReturnType<typeof seededRandom>): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (random.chance(0.1)) return anyBytes(random, [1, 2, 5, 20, 100]);
  if (random.chance(0.3)) return copy.subarray(0, random.integer(0, copy.length));
  const flips = random.integer(1, 3);
  for (let flip = 0; flip < flips && copy.length > 0; flip += 1) {
    const place = random.integer(0, copy.length - 1);
    copy[place] = random.chance(0.5)
      ? random.integer(0, 255)
      : (copy[place] ?? 0) ^ (1 << random.integer(0, 7));
  }
  return copy;
}
