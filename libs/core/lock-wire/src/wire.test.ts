/** Bytes written out by hand: what is merged, and what is refused with which words. */
import { describe, expect, it } from 'vitest';
import { frameBytesMax, operationsPerFrameMax } from './bounds.ts';
import { decodeCommands } from './command-reader.ts';
import { acquire, release } from './operations.ts';
import { decodeSessionRequest, encodeSessionRequest } from './session-request.ts';
import { decodeSessionResponse } from './session-response.ts';
import { LockCode, LockMode, LockScope } from './types.ts';

const request = (...bytes: readonly number[]) => decodeSessionRequest(Uint8Array.from(bytes));
const response = (...bytes: readonly number[]) => decodeSessionResponse(Uint8Array.from(bytes));
const commands = (...bytes: readonly number[]) => decodeCommands(Uint8Array.from(bytes));
const refused = (message: string, offset: number) => ({ ok: false, error: { message, offset } });

describe('what protobuf says of fields that come twice', () => {
  it('the last number wins', () => {
    expect(request(0x20, 1, 0x20, 2)).toMatchObject({ ok: true, value: { frame: 2 } });
  });

  it('messages merge', () => {
    expect(request(0x0a, 2, 0x08, 5, 0x0a, 2, 0x10, 9)).toMatchObject({
      ok: true,
      value: { hello: { sessionId: 5, ttlMs: 9, clientName: '' } },
    });
  });

  it('an operation of one kind merges with itself', () => {
    const twice = request(0x12, 10, 0x12, 3, 0x0a, 1, 97, 0x12, 2, 0x28, 7, 0x32, 0);
    expect(twice).toMatchObject({ ok: false });
    expect(request(0x12, 9, 0x12, 3, 0x0a, 1, 97, 0x12, 2, 0x28, 7)).toMatchObject({
      value: { operations: [acquire({ sequence: 0, key: 'a', waitMs: 7 })] },
    });
  });

  it('a second kind of operation takes the place of the first, and the sequence stays', () => {
    // Sequence 3; acquire b as a semaphore; release a with token 8.
    const bytes = [0x08, 3, 0x12, 5, 0x0a, 1, 98, 0x10, 3, 0x1a, 5, 0x0a, 1, 97, 0x10, 8];
    expect(request(0x12, bytes.length, ...bytes)).toMatchObject({
      value: { operations: [release({ sequence: 3, key: 'a', token: 8 })] },
    });
  });

  it('a second kind of command takes the place of the first, one kind merges', () => {
    expect(commands(0x0a, 6, 0x08, 4, 0x32, 0, 0x4a, 0)).toEqual({
      ok: true,
      value: [{ kind: 'raise-tokens', floor: 0 }],
    });
    expect(commands(0x0a, 8, 0x22, 2, 0x08, 1, 0x22, 2, 0x10, 2)).toEqual({
      ok: true,
      value: [{ kind: 'expire-session', sessionId: 0, lastIndex: 1, term: 2 }],
    });
  });
});

describe('defaults', () => {
  it('takes an unspecified mode for exclusive and an unspecified scope for regional', () => {
    expect(request(0x12, 5, 0x12, 3, 0x0a, 1, 97)).toMatchObject({
      value: { operations: [{ mode: LockMode.Exclusive, scope: LockScope.Regional, permits: 0 }] },
    });
  });

  it('takes 0 permits of a semaphore for 1', () => {
    expect(request(0x12, 4, 0x12, 2, 0x10, 3)).toMatchObject({
      value: { operations: [{ mode: LockMode.Semaphore, permits: 1 }] },
    });
  });
});

describe('refusals', () => {
  it('refuses numbers beyond 2^53 - 1, and reads that one', () => {
    const largest = [255, 255, 255, 255, 255, 255, 255, 15];
    expect(request(0x20, ...largest)).toMatchObject({ value: { frame: 2 ** 53 - 1 } });
    expect(request(0x20, 128, 128, 128, 128, 128, 128, 128, 16)).toEqual(
      refused('a number beyond 2^53 - 1', 9),
    );
    const maxUint64 = [255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
    expect(request(0x20, ...maxUint64)).toMatchObject({ ok: false });
  });

  it('refuses numbers beyond 32 bits where the field has 32', () => {
    expect(request(0x0a, 6, 0x10, 255, 255, 255, 255, 15)).toMatchObject({ ok: true });
    expect(request(0x0a, 6, 0x10, 128, 128, 128, 128, 16)).toEqual(
      refused('a number beyond 32 bits', 8),
    );
  });

  it('reads a padded varint, and refuses one of more than 10 bytes, also in an unknown field', () => {
    const padding = [129, 128, 128, 128, 128, 128, 128, 128, 128];
    expect(request(0x20, ...padding, 0)).toMatchObject({ value: { frame: 1 } });
    expect(request(0x20, ...padding, 128, 0)).toEqual(
      refused('a varint of more than 10 bytes', 11),
    );
    expect(request(0x78, ...padding, 128, 0)).toEqual(
      refused('a varint of more than 10 bytes', 11),
    );
  });

  it('refuses wrong wire types, groups and field 0', () => {
    expect(request(0x22, 1, 1)).toEqual(refused('field 4 has wire type 2', 1));
    expect(request(0x7b, 0x7c)).toEqual(refused('wire type 3', 1));
    expect(request(0x7c)).toEqual(refused('wire type 4', 1));
    expect(request(0x7e)).toEqual(refused('wire type 6', 1));
    expect(request(0x00, 0x00)).toEqual(refused('field number 0', 1));
  });

  it('refuses a length beyond the message around it', () => {
    expect(request(0x12, 3, 0x12, 2, 0x10, 1)).toEqual(refused('2 bytes announced, 1 left', 4));
    expect(request(0x7a, 255, 255, 255, 255, 15)).toEqual(
      refused('4294967295 bytes announced, 0 left', 6),
    );
  });

  it('refuses a number that would end in the next message', () => {
    expect(request(0x12, 2, 0x08, 128, 1)).toEqual(refused('the bytes end inside a number', 4));
  });

  it('refuses text that is not UTF-8: overlong, cut, a lone surrogate', () => {
    for (const text of [[0xc0, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xff]]) {
      const key = [0x0a, text.length, ...text];
      const bytes = [0x12, key.length + 2, 0x12, key.length, ...key];
      expect(request(...bytes)).toEqual(refused('text that is not UTF-8', 6));
    }
  });

  it('keeps a byte order mark: without it the key would be another', () => {
    const bytes = encodeSessionRequest({
      hello: null,
      operations: [acquire({ sequence: 1, key: '\ufeffa' })],
      acknowledgedSequence: 0,
      frame: 0,
    });
    expect(decodeSessionRequest(bytes)).toMatchObject({
      value: { operations: [{ key: '\ufeffa' }] },
    });
  });

  it('refuses more operations than a frame may have, before it makes objects of them', () => {
    const empty = new Uint8Array((operationsPerFrameMax + 1) * 2).map((_, index) =>
      index % 2 === 0 ? 0x12 : 0,
    );
    expect(decodeSessionRequest(empty.subarray(2)).ok).toBe(true);
    expect(decodeSessionRequest(empty)).toMatchObject({
      error: { message: 'a frame has at most 10000 operations' },
    });
  });

  it('refuses a frame of more bytes than frameBytesMax', () => {
    expect(decodeSessionRequest(new Uint8Array(frameBytesMax + 1)).ok).toBe(false);
  });
});

describe('numbers of a newer version', () => {
  it('leaves an unknown mode to validateOperation, and reads an unknown kind as none', () => {
    expect(request(0x12, 4, 0x12, 2, 0x10, 9)).toMatchObject({
      value: { operations: [{ mode: 9 }] },
    });
    expect(request(0x12, 4, 0x08, 5, 0x7a, 0)).toMatchObject({
      value: { operations: [{ kind: 0, sequence: 5 }] },
    });
  });

  it('reads an unknown code of a result as Unimplemented', () => {
    expect(response(0x12, 2, 0x10, 99)).toMatchObject({
      value: { results: [{ code: LockCode.Unimplemented }] },
    });
  });

  it('refuses them in the log: skipping a command would make nodes differ', () => {
    const unknown = 'a command that this version does not know';
    expect(commands(0x0a, 0)).toEqual(refused(unknown, 2));
    expect(commands(0x0a, 3, 0x08, 1, 0x7a)).toMatchObject({ ok: false });
    expect(commands(0x0a, 2, 0x7a, 0)).toEqual(refused(unknown, 4));
    expect(commands(0x0a, 6, 0x12, 4, 0x12, 2, 0x10, 9)).toEqual(refused(unknown, 8));
    expect(commands(0x0a, 4, 0x3a, 2, 0x10, 99)).toEqual(
      refused('code 99 is not known to this version', 6),
    );
  });
});

describe('writing', () => {
  const frameOf = (key: string, sequence = 1) => ({
    hello: null,
    operations: [acquire({ sequence, key })],
    acknowledgedSequence: 0,
    frame: 0,
  });

  it('throws on what the field cannot hold, and writes the next frame as if nothing had been', () => {
    const before = encodeSessionRequest(frameOf('a'));
    for (const sequence of [-1, 0.5, 2 ** 53, Number.NaN]) {
      expect(() => encodeSessionRequest(frameOf('a', sequence))).toThrow('is no integer');
    }
    expect(() => encodeSessionRequest(frameOf('\ud800'))).toThrow('lone surrogate');
    expect(encodeSessionRequest(frameOf('a'))).toEqual(before);
  });

  it('gives bytes that the next frame does not change', () => {
    const first = encodeSessionRequest(frameOf('a'));
    const copy = Uint8Array.from(first);
    encodeSessionRequest(frameOf('bbbbbbbbb'));
    expect(first).toEqual(copy);
  });

  it('grows for frames beyond what it keeps', () => {
    const operations = Array.from({ length: 3000 }, (_, index) =>
      acquire({ sequence: index + 1, key: 'k'.repeat(1000) }),
    );
    const frame = { hello: null, operations, acknowledgedSequence: 0, frame: 1 };
    expect(decodeSessionRequest(encodeSessionRequest(frame))).toEqual({ ok: true, value: frame });
  });
});
