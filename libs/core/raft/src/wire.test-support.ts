/** Random messages, sound in themselves: what a codec must carry. */
import type { Random } from '@windlass/base';
import { type Entry, EntryKind, encodeConfiguration, type Message, MessageKind } from './index.ts';
import { newMessage } from './messages.ts';
import { configurationOf } from './node.test-support.ts';

const numbers = [
  0,
  1,
  127,
  128,
  16_383,
  16_384,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 52,
  2 ** 53 - 1,
];

export function randomMessage(random: Random): Message {
  const kind = random.pick(Object.values(MessageKind));
  const message = newMessage(kind, random.integer(1, 9), random.pick([1, 2 ** 53 - 1]), 0);
  message.term = random.pick(numbers);
  message.commit = random.pick(numbers);
  message.reject = random.chance(0.5);
  message.hintIndex = random.pick(numbers);
  message.hintTerm = random.pick(numbers);
  message.readSequence = random.pick(numbers);
  message.transfer = random.chance(0.5);
  message.index = random.pick([0, 126, 16_382, 2 ** 52]);
  message.logTerm = Math.min(message.term, random.pick(numbers));
  if (kind === MessageKind.Append) message.entries = randomEntries(random, message);
  if (kind === MessageKind.Snapshot) {
    const configuration = configurationOf([1, 2, 300], random.chance(0.5) ? [2 ** 40] : []);
    message.snapshot = { index: random.integer(1, 500), term: random.pick(numbers), configuration };
  }
  return message;
}

function randomEntries(random: Random, { index, logTerm, term }: Message): readonly Entry[] {
  return Array.from({ length: random.integer(0, 4) }, (_, position): Entry => {
    const kind = random.pick(Object.values(EntryKind));
    const data =
      kind === EntryKind.Configuration
        ? encodeConfiguration(configurationOf([1, 2], [7]))
        : Uint8Array.from({ length: random.pick([0, 1, 200]) }, () => random.integer(0, 255));
    const ofLeader = random.chance(0.5) && position > 2;
    return { index: index + 1 + position, term: ofLeader ? term : logTerm, kind, data };
  });
}
