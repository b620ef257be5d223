/** A random but repeatable life of a log: appends, overwrites, snapshots, installs, compaction. */
import { assert, type Random } from '@windlass/base';
import type { SnapshotDescription } from '@windlass/raft';
import { openWal } from '../open-wal.ts';
import type { OpenedWal, Wal, WalBatch, WalOptions } from '../types.ts';
import type { MemoryDisk } from './memory-disk.ts';
import { appended, emptyModel, installed, lastIndexOf, type ModelLog } from './model-log.ts';
import { command, snapshotAt, stateOf } from './sample-data.ts';

/** What may be found from a note of the disk's journal on, until the next one. */
export type Expectation = {
  /** Everything that was acknowledged. */
  readonly acknowledged: ModelLog;
  /** What was under way, as it would be. */
  readonly underWay: readonly ModelLog[];
  /** Lowest index that the newest snapshot may have. */
  readonly snapshotIndexMin: number;
};

export async function opened(folder: string, options: WalOptions): Promise<OpenedWal> {
  const result = await openWal(folder, options);
  assert(result.ok, result.ok ? '' : `${result.error.file}: ${result.error.message}`);
  return result.value;
}

export class Workload {
  readonly expectations: Expectation[] = [];
  model = emptyModel;
  #wal: Wal;
  readonly #random: Random;
  readonly #disk: MemoryDisk;
  readonly #entryBytesMax: number;
  #saving: Promise<void> | null = null;

  constructor(wal: Wal, disk: MemoryDisk, random: Random, entryBytesMax: number) {
    this.#wal = wal;
    this.#disk = disk;
    this.#random = random;
    this.#entryBytesMax = entryBytesMax;
    this.#note([]);
  }

  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      const dice = this.#random.next();
      if (dice < 0.72) await this.#append();
      else if (dice < 0.8) this.#beginSave();
      else if (dice < 0.92) await this.#compact();
      else if (dice < 0.96) await this.#install();
      else await this.#saving;
    }
    await this.#saving;
  }

  #note(underWay: readonly ModelLog[]): void {
    this.#disk.note(this.expectations.length);
    const snapshotIndexMin = this.model.snapshot?.index ?? 0;
    this.expectations.push({ acknowledged: this.model, underWay, snapshotIndexMin });
  }

  async #append(): Promise<void> {
    const batch = this.#batch(lastIndexOf(this.model), this.model.hardState.commit);
    const next = appended(this.model, batch);
    this.#note([next]);
    await this.#wal.append(batch);
    this.model = { ...next, snapshot: this.model.snapshot };
    this.#note([]);
  }

  #batch(lastIndex: number, commit: number): WalBatch {
    const random = this.#random;
    const { term, votedFor } = this.model.hardState;
    const isNewTerm = random.chance(0.15);
    const newTerm = isNewTerm || term === 0 ? term + 1 : term;
    const count = random.integer(isNewTerm ? 0 : 1, 4);
    const overwrites = isNewTerm && random.chance(0.5);
    const first = overwrites ? random.integer(commit + 1, lastIndex + 1) : lastIndex + 1;
    const entries = Array.from({ length: count }, (_, place) =>
      command(first + place, newTerm, random.integer(0, this.#entryBytesMax)),
    );
    const newLast = entries.at(-1)?.index ?? lastIndex;
    const hardState =
      newTerm !== term || random.chance(0.4)
        ? {
            term: newTerm,
            votedFor: newTerm === term ? votedFor : random.integer(0, 3),
            commit: random.integer(commit, Math.max(commit, Math.min(newLast, first - 1))),
          }
        : null;
    return { hardState, entries };
  }

  #beginSave(): void {
    const { commit } = this.model.hardState;
    const entry = this.model.entries.find((each) => each.index === commit);
    if (this.#saving !== null || entry === undefined) return;
    if (commit <= (this.model.snapshot?.index ?? 0)) return;
    const description = snapshotAt(entry.index, entry.term);
    this.#saving = this.#save(description);
  }

  async #save(description: SnapshotDescription): Promise<void> {
    await this.#wal.saveSnapshot(description, stateOf(description));
    if ((this.model.snapshot?.index ?? 0) < description.index) {
      this.model = { ...this.model, snapshot: description };
    }
    this.#saving = null;
  }

  async #compact(): Promise<void> {
    const index = this.model.snapshot?.index ?? 0;
    if (index > 0) await this.#wal.compact(this.#random.integer(0, index));
  }

  async #install(): Promise<void> {
    const { hardState } = this.model;
    const index = lastIndexOf(this.model) + this.#random.integer(1, 5);
    const snapshot = snapshotAt(index, hardState.term);
    await this.#wal.receiveSnapshot(snapshot, stateOf(snapshot));
    const batch = {
      hardState: { ...hardState, term: hardState.term + 1, commit: index },
      entries: this.#random.chance(0.5) ? [] : [command(index + 1, hardState.term + 1, 20)],
    };
    const next = installed(this.model, snapshot, batch);
    this.#note([next]);
    await this.#wal.installSnapshot({ snapshot, ...batch });
    this.model = next;
    this.#note([]);
  }
}
