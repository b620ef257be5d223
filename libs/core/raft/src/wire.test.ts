import { seededRandom } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import {
  decodeConfiguration,
  decodeEntry,
  decodeMessage,
  decodeMessages,
  EntryKind,
  encodeConfiguration,
  encodeEntry,
  encodeMessage,
  encodeMessages,
  MessageKind,
} from './index.ts';
import { newMessage } from './messages.ts';
import { configurationOf } from './node.test-support.ts';
import { randomMessage } from './wire.test-support.ts';

const roundsOfFuzz = 3000;

describe('encoding and decoding', () => {
  it('gives back every message', () => {
    const random = seededRandom('messages');
    for (let round = 0; round < 500; round += 1) {
      const messages = Array.from({ length: random.integer(0, 3) }, () => randomMessage(random));
      const clusterId = random.pick([0, 1, 2 ** 53 - 1]);
      expect(decodeMessages(encodeMessages(clusterId, messages))).toEqual({
        ok: true,
        value: { clusterId, messages },
      });
    }
  });

  it('gives back entries and configurations', () => {
    const entry = { index: 300, term: 2, kind: EntryKind.Command, data: new Uint8Array([1, 2]) };
    expect(decodeEntry(encodeEntry(entry))).toEqual({ ok: true, value: entry });
    const configuration = { ...configurationOf([1, 300], [2 ** 50]), outgoing: [1] };
    expect(decodeConfiguration(encodeConfiguration(configuration))).toEqual({
      ok: true,
      value: configuration,
    });
  });

  it('goes past fields that it doesn’t know, of every type', () => {
    const message = newMessage(MessageKind.TimeoutNow, 1, 2, 3);
    const unknown = [
      [0x98, 0x06, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      [0x99, 0x06, 1, 2, 3, 4, 5, 6, 7, 8],
      [0x9a, 0x06, 2, 9, 9],
      [0x9d, 0x06, 1, 2, 3, 4],
    ].flat();
    const bytes = Uint8Array.from([...encodeMessage(message), ...unknown]);
    expect(decodeMessage(bytes)).toEqual({ ok: true, value: message });
  });
});

describe('malformed bytes', () => {
  it.each([
    ['a number that is cut off', [0x08, 0x80], 'a number is cut off'],
    ['bytes that are cut off', [0x42, 0x05, 1], 'bytes are cut off'],
    ['a number beyond 2^53', [0x20, ...Array(7).fill(0xff), 0x7f], 'a number is beyond 2^53'],
    ['a number as bytes', [0x0a, 1, 1], 'a number is written as something else'],
    ['bytes as a number', [0x40, 1], 'bytes are written as something else'],
    ['a group', [0x9b, 0x06], 'no field is written as type 3'],
    ['field 0', [0x00], 'a field has the number 0'],
    ['no kind', [0x10, 1, 0x18, 1], 'no message is of kind 0'],
    ['no sender', [0x08, 1, 0x18, 1], 'a message has a sender and a receiver'],
  ])('%s', (_name, bytes: readonly number[], error) => {
    expect(decodeMessage(Uint8Array.from(bytes))).toEqual({ ok: false, error });
  });

  it('entries with gaps, and with terms that fall or are newer than the leader’s', () => {
    const data = new Uint8Array(0);
    const place = (index: number, term: number) => ({ index, term, kind: EntryKind.Empty, data });
    const base = { ...newMessage(MessageKind.Append, 1, 2, 5), index: 3, logTerm: 4 };
    const errorOf = (entries: readonly ReturnType<typeof place>[]) => {
      const decoded = decodeMessage(encodeMessage({ ...base, entries }));
      return decoded.ok ? null : decoded.error;
    };
    expect(errorOf([place(4, 4), place(5, 5)])).toBeNull();
    expect(errorOf([place(5, 4)])).toBe('entries follow one another');
    expect(errorOf([place(4, 3)])).toBe('terms of entries rise');
    expect(errorOf([place(4, 6)])).toBe('terms of entries rise');
  });

  it('configurations that contradict themselves', () => {
    const sound = configurationOf([1, 2], [3]);
    const broken = [
      { ...sound, voters: [2, 1] },
      { ...sound, voters: [] },
      { ...sound, learners: [2] },
      { ...sound, members: sound.members.slice(1) },
    ];
    for (const configuration of broken) {
      expect(decodeConfiguration(encodeConfiguration(configuration)).ok).toBe(false);
      const entry = {
        index: 1,
        term: 1,
        kind: EntryKind.Configuration,
        data: encodeConfiguration(configuration),
      };
      expect(decodeEntry(encodeEntry(entry)).ok).toBe(false);
    }
  });

  it('never make a decoder throw, cut or flipped wherever', () => {
    const random = seededRandom('fuzz');
    const outcomes = { ok: 0, refused: 0 };
    for (let round = 0; round < roundsOfFuzz; round += 1) {
      const bytes = encodeMessages(random.integer(0, 9), [randomMessage(random)]);
      const cut = bytes.slice(0, random.integer(0, bytes.length));
      const broken = random.chance(0.3) ? cut : bytes;
      for (let flips = random.integer(0, 3); flips > 0 && broken.length > 0; flips -= 1) {
        const position = random.integer(0, broken.length - 1);
        broken[position] = (broken[position] ?? 0) ^ (1 << random.integer(0, 7));
      }
      const decoded = decodeMessages(broken);
      outcomes[decoded.ok ? 'ok' : 'refused'] += 1;
      for (const decode of [decodeMessage, decodeEntry, decodeConfiguration]) {
        decode(broken.subarray(random.integer(0, 3)));
      }
    }
    expect(outcomes.ok).toBeGreaterThan(roundsOfFuzz / 10);
    expect(outcomes.refused).toBeGreaterThan(roundsOfFuzz / 10);
  });
});
