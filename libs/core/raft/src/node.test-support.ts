/**
 * One node with a disk and a state machine in memory, driven step by step: a write begins with
 * work() and ends with finishWrite(), and a crash in between loses it.
 */
import { required } from '@windlass/base';
import {
  type Configuration,
  type Entry,
  type HardState,
  type Message,
  type NodeId,
  type PersistBatch,
  Raft,
  type RaftBugs,
  type RaftSettings,
  type Ready,
  type SnapshotDescription,
} from './index.ts';

export class TestDisk {
  hardState: HardState = { term: 0, votedFor: 0, commit: 0 };
  snapshot: SnapshotDescription | null = null;
  entries: Entry[] = [];

  copy(): TestDisk {
    const copy = new TestDisk();
    copy.hardState = this.hardState;
    copy.snapshot = this.snapshot;
    copy.entries = [...this.entries];
    return copy;
  }

  write(batch: PersistBatch): void {
    if (batch.hardState !== null) this.hardState = batch.hardState;
    if (batch.snapshot !== null) {
      this.snapshot = batch.snapshot;
      this.entries = [];
    }
    const first = batch.entries[0];
    if (first === undefined) return;
    if (first.index > this.lastIndex + 1 || first.index < this.firstIndex) {
      throw new Error(`the disk has ${this.firstIndex} to ${this.lastIndex}, not ${first.index}`);
    }
    this.entries.length = first.index - this.firstIndex;
    this.entries.push(...batch.entries);
  }

  get firstIndex(): number {
    return this.entries[0]?.index ?? (this.snapshot?.index ?? 0) + 1;
  }

  get lastIndex(): number {
    return this.entries.at(-1)?.index ?? this.snapshot?.index ?? 0;
  }

  /** -1 for what isn't there. */
  termAt(index: number): number {
    if (index === this.snapshot?.index) return this.snapshot.term;
    return this.entries[index - this.firstIndex]?.term ?? -1;
  }

  /** What a snapshot includes is dropped. */
  keepSnapshot(snapshot: SnapshotDescription): void {
    this.entries = this.entries.filter(({ index }) => index > snapshot.index);
    this.snapshot = snapshot;
  }
}

export class TestNode {
  readonly id: NodeId;
  readonly settings: RaftSettings;
  readonly bugs: RaftBugs;
  /** What a crash leaves. */
  disk: TestDisk;
  /** The disk with everything that was handed to it, ended or not. */
  given: TestDisk;
  writing: PersistBatch | null = null;
  raft: Raft | null = null;
  /** What the state machine has, by index from 1; after a snapshot only what follows it. */
  applied = new Map<number, Entry>();
  appliedIndex = 0;

  constructor(settings: RaftSettings, configuration: Configuration | null, bugs: RaftBugs = {}) {
    this.id = settings.id;
    this.settings = settings;
    this.bugs = bugs;
    this.disk = new TestDisk();
    if (configuration !== null) this.disk.snapshot = { index: 0, term: 0, configuration };
    this.given = this.disk.copy();
  }

  get running(): Raft {
    return required(this.raft, `node ${this.id}`);
  }

  start(): void {
    const { hardState, snapshot, entries } = this.disk;
    this.given = this.disk.copy();
    this.writing = null;
    this.applied = new Map();
    this.appliedIndex = snapshot?.index ?? 0;
    const start = { hardState, snapshot, entries: [...entries], applied: this.appliedIndex };
    this.raft = new Raft(this.settings, start, this.bugs);
  }

  /** Everything that no write has made durable is gone. */
  crash(): void {
    this.raft = null;
    this.writing = null;
  }

  step(message: Message): void {
    this.raft?.step(message);
  }

  /** Carries out one Ready, but for sending. */
  work(): Ready {
    const ready = this.running.ready();
    if (ready.persist !== null) {
      this.writing = ready.persist;
      this.given.write(ready.persist);
      const received = ready.persist.snapshot;
      if (received !== null) this.appliedIndex = received.index;
    }
    for (const entry of ready.committed) {
      if (entry.index !== this.appliedIndex + 1) {
        throw new Error(`node ${this.id} applies ${entry.index} after ${this.appliedIndex}`);
      }
      this.applied.set(entry.index, entry);
      this.appliedIndex = entry.index;
    }
    return ready;
  }

  finishWrite(): void {
    if (this.writing === null) return;
    this.disk.write(this.writing);
    this.writing = null;
    this.running.persisted();
  }

  /** A snapshot of everything applied; the log in memory keeps a tail of some entries. */
  takeSnapshot(tail: number): SnapshotDescription | null {
    const index = this.appliedIndex;
    if (index > this.running.status().durable) return null;
    if (index <= (this.disk.snapshot?.index ?? 0)) return null;
    const term = this.applied.get(index)?.term;
    if (term === undefined) return null;
    const snapshot = { index, term, configuration: this.running.configurationAt(index) };
    this.disk.keepSnapshot(snapshot);
    this.given.keepSnapshot(snapshot);
    this.running.snapshotAvailable(snapshot);
    this.running.compact(Math.max(0, index - tail));
    return snapshot;
  }
}

export function configurationOf(
  voters: readonly NodeId[],
  learners: readonly NodeId[] = [],
): Configuration {
  const members = [...voters, ...learners]
    .sort((left, right) => left - right)
    .map((id) => ({ id, name: `node-${id}`, address: `node-${id}:9090` }));
  return { voters: [...voters], outgoing: [], learners: [...learners], members };
}
