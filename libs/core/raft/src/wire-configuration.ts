/**
 * Configurations and descriptions of snapshots as bytes: Configuration and SnapshotDescription in
 * proto/windlass/lock/internal/v1/raft.proto. Rare, so written for reading.
 *
 * Next: wire-entry.ts.
 */
import { fail, ok, type Result } from '@windlass/base';
import { memberIds } from './configuration.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { bytesFieldSize, numberFieldSize, ProtobufWriter, varintSize } from './protobuf-writer.ts';
import type { Configuration, Member, NodeId, SnapshotDescription } from './types.ts';

const utf8 = new TextEncoder();

export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const members = configuration.members.map(encodeMember);
  const lists = [configuration.voters, configuration.outgoing, configuration.learners];
  let size = 0;
  for (const ids of lists) if (ids.length > 0) size += bytesFieldSize(packedSize(ids));
  for (const member of members) size += bytesFieldSize(member.length);
  const writer = new ProtobufWriter(size);
  for (const [position, ids] of lists.entries()) {
    if (ids.length === 0) continue;
    writer.head(position + 1, packedSize(ids));
    for (const id of ids) writer.varint(id);
  }
  for (const member of members) {
    writer.head(4, member.length);
    writer.raw(member);
  }
  return writer.finish();
}

/** Refuses what isn't protobuf, and what isn't a sound configuration. */
export function decodeConfiguration(bytes: Uint8Array): Result<Configuration, string> {
  const reader = new ProtobufReader(bytes);
  const configuration = readConfiguration(reader);
  return reader.failure === null ? ok(configuration) : fail(reader.failure);
}

export function encodeSnapshotDescription(snapshot: SnapshotDescription): Uint8Array {
  const configuration = encodeConfiguration(snapshot.configuration);
  const writer = new ProtobufWriter(
    numberFieldSize(snapshot.index) +
      numberFieldSize(snapshot.term) +
      bytesFieldSize(configuration.length),
  );
  writer.numberField(1, snapshot.index);
  writer.numberField(2, snapshot.term);
  writer.head(3, configuration.length);
  writer.raw(configuration);
  return writer.finish();
}

/** Up to the reader's end. */
export function readSnapshotDescription(reader: ProtobufReader): SnapshotDescription {
  let [index, term] = [0, 0];
  let configuration: Configuration | null = null;
  while (reader.nextField()) {
    switch (reader.field) {
      case 1:
        index = reader.number();
        break;
      case 2:
        term = reader.number();
        break;
      case 3: {
        const outerEnd = reader.enter();
        configuration = readConfiguration(reader);
        reader.leave(outerEnd);
        break;
      }
      default:
        reader.skip();
    }
  }
  if (index === 0) reader.fail('a snapshot has an index');
  if (configuration === null) reader.fail('a snapshot has a configuration');
  return {
    index,
    term,
    configuration: configuration ?? { voters: [], outgoing: [], learners: [], members: [] },
  };
}

function readConfiguration(reader: ProtobufReader): Configuration {
  const voters: NodeId[] = [];
  const outgoing: NodeId[] = [];
  const learners: NodeId[] = [];
  const members: Member[] = [];
  while (reader.nextField()) {
    switch (reader.field) {
      case 1:
        reader.numbersInto(voters);
        break;
      case 2:
        reader.numbersInto(outgoing);
        break;
      case 3:
        reader.numbersInto(learners);
        break;
      case 4: {
        const outerEnd = reader.enter();
        members.push(readMember(reader));
        reader.leave(outerEnd);
        break;
      }
      default:
        reader.skip();
    }
  }
  const configuration = { voters, outgoing, learners, members };
  if (reader.failure === null && !isSound(configuration)) {
    reader.fail('the lists of a configuration contradict one another');
  }
  return configuration;
}

function readMember(reader: ProtobufReader): Member {
  let id = 0;
  let [name, address] = ['', ''];
  while (reader.nextField()) {
    switch (reader.field) {
      case 1:
        id = reader.number();
        break;
      case 2:
        name = reader.text();
        break;
      case 3:
        address = reader.text();
        break;
      default:
        reader.skip();
    }
  }
  return { id, name, address };
}

function encodeMember(member: Member): Uint8Array {
  const name = utf8.encode(member.name);
  const address = utf8.encode(member.address);
  const writer = new ProtobufWriter(
    numberFieldSize(member.id) + textFieldSize(name) + textFieldSize(address),
  );
  writer.numberField(1, member.id);
  for (const [field, text] of [[2, name] as const, [3, address] as const]) {
    if (text.length === 0) continue;
    writer.head(field, text.length);
    writer.raw(text);
  }
  return writer.finish();
}

function textFieldSize(text: Uint8Array): number {
  return text.length === 0 ? 0 : bytesFieldSize(text.length);
}

/** Somebody votes, each list is sorted, and each id has its member. */
function isSound(configuration: Configuration): boolean {
  const { voters, outgoing, learners, members } = configuration;
  const ids = memberIds(configuration);
  return (
    voters.length > 0 &&
    isAscending(voters) &&
    isAscending(outgoing) &&
    isAscending(learners) &&
    !learners.some((id) => voters.includes(id) || outgoing.includes(id)) &&
    members.length === ids.length &&
    members.every((member, position) => member.id === ids[position])
  );
}

function isAscending(ids: readonly NodeId[]): boolean {
  let last = 0;
  for (const id of ids) {
    if (id <= last) return false;
    last = id;
  }
  return true;
}

function packedSize(ids: readonly NodeId[]): number {
  let size = 0;
  for (const id of ids) size += varintSize(id);
  return size;
}
