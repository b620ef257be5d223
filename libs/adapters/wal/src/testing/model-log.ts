/** What a log should hold, kept beside the real one; and whether an opened one holds just that. */
import type { Entry, HardState, SnapshotDescription } from '@windlass/raft';
import { expect } from 'vitest';
import type { OpenedWal, WalBatch } from '../types.ts';
import { stateOf, textOf } from './sample-data.ts';

export type ModelLog = {
  readonly hardState: HardState;
  /** Index that the log begins after. */
  readonly baseIndex: number;
  readonly entries: readonly Entry[];
  /** Newest snapshot, or null. */
  readonly snapshot: SnapshotDescription | null;
};

export const emptyModel: ModelLog = {
  hardState: { term: 0, votedFor: 0, commit: 0 },
  baseIndex: 0,
  entries: [],
  snapshot: null,
};

export function lastIndexOf(model: ModelLog): number {
  return model.entries.at(-1)?.index ?? model.baseIndex;
}

export function appended(model: ModelLog, batch: WalBatch): ModelLog {
  const [first] = batch.entries;
  const kept =
    first === undefined
      ? model.entries
      : model.entries.filter((entry) => entry.index < first.index);
  return {
    ...model,
    hardState: batch.hardState ?? model.hardState,
    entries: [...kept, ...batch.entries],
  };
}

export function installed(
  model: ModelLog,
  snapshot: SnapshotDescription,
  batch: WalBatch,
): ModelLog {
  const fresh = { ...model, baseIndex: snapshot.index, entries: [], snapshot };
  return appended(fresh, batch);
}

/** The difference between what was opened and what the model says; null where there is none. */
export function difference(opened: OpenedWal, model: ModelLog): string | null {
  const { hardState, snapshot, entries } = opened.start;
  const index = snapshot?.index ?? 0;
  const expected = model.entries.filter((entry) => entry.index > index);
  const last = Math.max(lastIndexOf(model), index);
  const commit = Math.min(Math.max(model.hardState.commit, index), last);
  if (index < model.baseIndex) return `snapshot ${index} is below ${model.baseIndex}`;
  const isSame =
    hardState.votedFor === model.hardState.votedFor &&
    hardState.term === model.hardState.term &&
    hardState.commit === commit;
  if (!isSame) return `hard state ${JSON.stringify(hardState)}`;
  if (entries.length !== expected.length) {
    return `${entries.length} entries after ${index} instead of ${expected.length}`;
  }
  const wrong = entries.findIndex((entry, place) => !isSameEntry(entry, expected[place]));
  return wrong === -1 ? null : `entry ${entries[wrong]?.index} is another one`;
}

/** The opened log is one of the models, and its snapshot is whole. Gives the model. */
export async function expectOneOf(
  opened: OpenedWal,
  models: readonly ModelLog[],
  context: string,
): Promise<ModelLog> {
  const differences = models.map((model) => difference(opened, model));
  const place = differences.indexOf(null);
  if (place === -1) expect.unreachable(`${context}: ${differences.join(' / ')}`);
  const { snapshot } = opened.start;
  const stored = opened.wal.openSnapshot();
  if (stored?.description.index !== snapshot?.index) {
    expect.unreachable(`${context}: another snapshot is given than the start's`);
  }
  if (snapshot !== null && stored !== null) {
    const text = await textOf(stored.chunks);
    if (text !== (await textOf(stateOf(snapshot)))) {
      expect.unreachable(`${context}: the snapshot's state is wrong`);
    }
  }
  return models[place] ?? emptyModel;
}

function isSameEntry(entry: Entry, other: Entry | undefined): boolean {
  return (
    other !== undefined &&
    entry.index === other.index &&
    entry.term === other.term &&
    entry.kind === other.kind &&
    Buffer.compare(entry.data, other.data) === 0
  );
}
