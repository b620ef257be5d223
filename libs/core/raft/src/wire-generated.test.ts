import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { seededRandom } from '@windlass/base';
import {
  ConfigurationSchema,
  EntrySchema,
  ExchangeRequestSchema,
  RaftMemberSchema,
  RaftMessageSchema,
  SnapshotDescriptionSchema,
} from '@windlass/proto/lock/internal/v1/raft';
import { describe, expect, it } from 'vitest';
import {
  type Configuration,
  decodeEntry,
  decodeMessages,
  type Entry,
  encodeEntry,
  encodeMessages,
  type Message,
} from './index.ts';
import { randomMessage } from './wire.test-support.ts';

describe('the codec written by hand', () => {
  it('writes the bytes that generated code writes, and reads them', () => {
    const random = seededRandom('generated');
    for (let round = 0; round < 300; round += 1) {
      const messages = Array.from({ length: random.integer(0, 3) }, () => randomMessage(random));
      const clusterId = random.pick([0, 7, 2 ** 53 - 1]);
      const generated = toBinary(
        ExchangeRequestSchema,
        create(ExchangeRequestSchema, {
          clusterId: BigInt(clusterId),
          messages: messages.map(generatedMessage),
        }),
      );
      const ours = encodeMessages(clusterId, messages);
      expect(ours).toEqual(generated);
      expect(decodeMessages(generated)).toEqual({ ok: true, value: { clusterId, messages } });
      const read = fromBinary(ExchangeRequestSchema, ours);
      expect(toBinary(ExchangeRequestSchema, read)).toEqual(ours);
      for (const entry of messages.flatMap((message) => message.entries)) checkEntry(entry);
    }
  });
});

function checkEntry(entry: Entry): void {
  const generated = toBinary(EntrySchema, generatedEntry(entry));
  expect(encodeEntry(entry)).toEqual(generated);
  expect(decodeEntry(generated)).toEqual({ ok: true, value: entry });
}

function generatedMessage(message: Message) {
  const { snapshot } = message;
  return create(RaftMessageSchema, {
    kind: message.kind,
    from: BigInt(message.from),
    to: BigInt(message.to),
    term: BigInt(message.term),
    index: BigInt(message.index),
    logTerm: BigInt(message.logTerm),
    commit: BigInt(message.commit),
    entries: message.entries.map(generatedEntry),
    reject: message.reject,
    hintIndex: BigInt(message.hintIndex),
    hintTerm: BigInt(message.hintTerm),
    readSequence: BigInt(message.readSequence),
    transfer: message.transfer,
    ...(snapshot !== null && {
      snapshot: create(SnapshotDescriptionSchema, {
        index: BigInt(snapshot.index),
        term: BigInt(snapshot.term),
        configuration: generatedConfiguration(snapshot.configuration),
      }),
    }),
  });
}

function generatedEntry({ index, term, kind, data }: Entry) {
  return create(EntrySchema, { index: BigInt(index), term: BigInt(term), kind, data });
}

function generatedConfiguration(configuration: Configuration) {
  return create(ConfigurationSchema, {
    voters: configuration.voters.map(BigInt),
    outgoing: configuration.outgoing.map(BigInt),
    learners: configuration.learners.map(BigInt),
    members: configuration.members.map(({ id, name, address }) =>
      create(RaftMemberSchema, { id: BigInt(id), name, address }),
    ),
  });
}
