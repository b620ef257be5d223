/**
 * The disk of one node: what is written becomes durable when its sync ends; a crash before that
 * loses it, torn or whole, or keeps it. A batch is there in full or not at all: Raft relies on that
 * (the commit index of a batch must not outlive its entries), and libs/adapters/wal has it so.
 */
import { assert, type Random, required } from '@windlass/base';
import type {
  Entry,
  HardState,
  PersistBatch,
  RaftStart,
  SnapshotDescription,
} from '@windlass/raft';
import type { Host } from './host.ts';
import type { Scheduler } from './scheduler.ts';

export type StoredSnapshot<Image> = {
  readonly description: SnapshotDescription;
  readonly image: Image;
};

/** As the write-ahead log has them: what a batch consists of, in this order. */
type LogRecord<Image> =
  | { readonly kind: 'hard-state'; readonly hardState: HardState }
  | { readonly kind: 'snapshot'; readonly snapshot: StoredSnapshot<Image> }
  | { readonly kind: 'entry'; readonly entry: Entry };

type Write<Image> = { readonly records: readonly LogRecord<Image>[] };

const syncMinMs = 0.1;
const syncMaxMs = 3;
/** A snapshot takes longer than a batch. */
const snapshotSyncFactor = 10;

export class Disk<Image> {
  /** Syncs take so many times as long. */
  slowFactor = 1;
  /** Writes fail, and with them the process. */
  isFull = false;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #host: Host;
  readonly #onFailedWrite: () => void;
  #hardState: HardState = { term: 0, votedFor: 0, commit: 0 };
  #snapshot: StoredSnapshot<Image> | null = null;
  /** Without gaps, but after compaction not from the first. */
  #entries: Entry[] = [];
  #writing: Write<Image> | null = null;
  #savings = 0;

  constructor(parts: {
    readonly scheduler: Scheduler;
    readonly random: Random;
    readonly host: Host;
    readonly onFailedWrite: () => void;
  }) {
    this.#scheduler = parts.scheduler;
    this.#random = parts.random;
    this.#host = parts.host;
    this.#onFailedWrite = parts.onFailedWrite;
  }

  get snapshot(): StoredSnapshot<Image> | null {
    return this.#snapshot;
  }

  /** Durable entries. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** True where the entry, or a snapshot that includes it, is durable. */
  holds(index: number, term: number): boolean {
    if ((this.#snapshot?.description.index ?? 0) >= index) return true;
    const first = this.#entries[0]?.index ?? 0;
    return this.#entries[index - first]?.term === term;
  }

  /** A first member begins with a snapshot that names all of them. */
  format(snapshot: StoredSnapshot<Image>, hardState: HardState): void {
    this.#snapshot = snapshot;
    this.#hardState = hardState;
  }

  /** One at a time. `done` runs in the process once it is durable. */
  write(batch: PersistBatch, image: Image | null, done: () => void): void {
    assert(this.#writing === null, 'one write at a time');
    const write = { records: recordsOf(batch, image) };
    this.#writing = write;
    if (this.isFull) {
      this.#onFailedWrite();
      return;
    }
    this.#scheduler.after(this.#syncMs(), () => {
      if (this.#writing !== write) return;
      this.#writing = null;
      for (const record of write.records) this.#apply(record);
      this.#host.run(done);
    });
  }

  /** Beside the log. Entries before `keepFromIndex` are dropped with it. */
  saveSnapshot(snapshot: StoredSnapshot<Image>, keepFromIndex: number, done: () => void): void {
    this.#savings += 1;
    const saving = this.#savings;
    const save = () => {
      if (this.#savings !== saving || this.isFull) return;
      const { index, term } = snapshot.description;
      const newest = this.#snapshot?.description.index ?? 0;
      if (index <= newest) return;
      // What was applied may be durable elsewhere only, with something older here: the own log
      // comes first.
      if (!this.holds(index, term)) {
        this.#scheduler.after(syncMaxMs, save);
        return;
      }
      this.#snapshot = snapshot;
      this.#entries = this.#entries.filter((entry) => entry.index >= keepFromIndex);
      this.#host.run(done);
    };
    this.#scheduler.after(this.#syncMs() * snapshotSyncFactor, save);
  }

  crash(): void {
    this.#savings += 1;
    const write = this.#writing;
    this.#writing = null;
    if (write === null) return;
    // A batch is one record with a checksum: torn, it is cut off as a whole when the log is read.
    if (this.#random.chance(0.5)) return;
    for (const record of write.records) this.#apply(record);
  }

  /** What a process finds when it starts. */
  start(): RaftStart {
    const description = this.#snapshot?.description ?? null;
    const applied = description?.index ?? 0;
    const entries = this.#entries.filter(({ index }) => index > applied);
    assert(
      entries.every(({ index }, place) => index === applied + 1 + place),
      'a log has no gaps',
    );
    const lastIndex = applied + entries.length;
    const hardState = {
      ...this.#hardState,
      commit: Math.max(applied, Math.min(this.#hardState.commit, lastIndex)),
    };
    return { hardState, snapshot: description, entries, applied };
  }

  #syncMs(): number {
    const drawn = this.#random.next();
    return (syncMinMs + (syncMaxMs - syncMinMs) * drawn * drawn) * this.slowFactor;
  }

  #apply(record: LogRecord<Image>): void {
    switch (record.kind) {
      case 'hard-state':
        this.#hardState = record.hardState;
        return;
      case 'snapshot':
        this.#snapshot = record.snapshot;
        this.#entries = [];
        return;
      case 'entry': {
        const { index } = record.entry;
        const first = this.#entries[0]?.index ?? index;
        assert(index <= first + this.#entries.length, 'a log has no gaps');
        this.#entries.length = Math.max(0, index - first);
        this.#entries.push(record.entry);
        return;
      }
      default:
        record satisfies never;
    }
  }
}

function recordsOf<Image>(
  { hardState, snapshot, entries }: PersistBatch,
  image: Image | null,
): readonly LogRecord<Image>[] {
  const records: LogRecord<Image>[] = [];
  if (hardState !== null) records.push({ kind: 'hard-state', hardState });
  if (snapshot !== null) {
    const stored = { description: snapshot, image: required(image, 'the image') };
    records.push({ kind: 'snapshot', snapshot: stored });
  }
  for (const entry of entries) records.push({ kind: 'entry', entry });
  return records;
}
