/** Entries, snapshots and an identity whose contents follow from their place. No test runner here. */
import type { Entry, SnapshotDescription } from '@windlass/raft';

export const identity = { clusterId: 5, nodeId: 7, name: 'a', attributes: { zone: 'z' } };

export function command(index: number, term: number, bytes: number): Entry {
  return { index, term, kind: 1, data: new Uint8Array(Buffer.alloc(bytes, `${index}.${term};`)) };
}

export function snapshotAt(index: number, term: number): SnapshotDescription {
  const members = [{ id: 7, name: 'a', address: 'a:9090' }];
  return {
    index,
    term,
    configuration: { voters: [7], outgoing: [], learners: [], members },
  };
}

/** The state of a snapshot in some pieces; what it is depends on its place only. */
export async function* stateOf(
  description: Pick<SnapshotDescription, 'index' | 'term'>,
): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < 3; piece += 1) {
    await Promise.resolve();
    yield Buffer.from(`state ${description.index} ${description.term} ${piece};`.repeat(20));
  }
}

export async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += Buffer.from(chunk).toString();
  return text;
}
