/**
 * One node of the Raft scenario: the engine, its disk, and a state machine that keeps a chain of
 * hashes, so that two states are equal exactly if the same entries led there.
 */
import { required } from '@windlass/base';
import {
  type Configuration,
  type Message,
  MessageKind,
  Raft,
  type RaftBugs,
  type RaftSettings,
} from '@windlass/raft';
import { Disk } from '../world/disk.ts';
import { Host } from '../world/host.ts';
import type { World } from '../world/world.ts';
import { hashEntry, type RaftChecker } from './raft-checker.ts';

export const tickMs = 10;
/** Often, so that lagging nodes need snapshots. */
const snapshotEveryEntries = 60;
const keptEntries = 20;
const driftMax = 0.05;
/** A snapshot that hasn't arrived by then is given up by the transport. */
const snapshotDeadlineMs = 1_000;

/** Hash of all entries up to the snapshot. */
export type Image = number;

export type RaftNodeParts = {
  readonly id: number;
  readonly world: World;
  readonly checker: RaftChecker;
  readonly bugs: RaftBugs;
  /** Null: joins later, with an empty log. */
  readonly configuration: Configuration | null;
  readonly settings: Omit<RaftSettings, 'id' | 'random'>;
  readonly nodeOf: (id: number) => RaftNode | undefined;
};

export class RaftNode {
  readonly id: number;
  readonly host: Host;
  readonly disk: Disk<Image>;
  /** What the state machine has, and where. */
  applied = 0;
  appliedTerm = 0;
  hash: Image = 0;
  readonly #parts: RaftNodeParts;
  #raft: Raft | null = null;
  #starts = 0;
  /** Images that came with Snapshot messages, by index. */
  #received = new Map<number, Image>();
  #snapshotAt = 0;

  constructor(parts: RaftNodeParts) {
    const { configuration, id, world } = parts;
    const { random, scheduler } = world;
    this.id = id;
    this.#parts = parts;
    this.host = new Host(scheduler, random.child(`host-${id}`), driftMax);
    this.disk = new Disk({
      scheduler,
      random: random.child(`disk-${id}`),
      host: this.host,
      onFailedWrite: () => this.crash(),
    });
    if (configuration === null) return;
    this.disk.format(
      { description: { index: 1, term: 1, configuration }, image: 0 },
      { term: 1, votedFor: 0, commit: 1 },
    );
  }

  /** Null while it is down. */
  get raft(): Raft | null {
    return this.#raft;
  }

  start(): void {
    if (this.host.isUp) return;
    const { bugs, settings, world } = this.#parts;
    this.#starts += 1;
    this.host.start();
    const start = this.disk.start();
    const random = world.random.child(`raft-${this.id}-${this.#starts}`);
    this.#raft = new Raft({ ...settings, id: this.id, random }, start, bugs);
    const snapshot = this.disk.snapshot;
    this.applied = start.applied;
    this.appliedTerm = start.snapshot?.term ?? 0;
    this.hash = snapshot?.image ?? 0;
    this.#snapshotAt = this.applied;
    this.#received = new Map();
    this.#parts.checker.started(this);
    world.trace.add('node', this.id, 'starts at', start.applied, '+', start.entries.length);
    this.#scheduleTick();
  }

  crash(): void {
    if (!this.host.isUp) return;
    this.#parts.world.trace.add('node', this.id, 'crashes');
    this.host.crash();
    this.disk.crash();
    this.#raft = null;
    this.#parts.checker.crashed(this);
  }

  /** Something is done to the engine, and then what follows from that. */
  act(work: (raft: Raft) => void): void {
    this.host.run(() => {
      work(this.#running());
      this.#turn();
    });
  }

  #scheduleTick(): void {
    this.host.after(tickMs, () => {
      this.#scheduleTick();
      this.act((raft) => raft.tick());
    });
  }

  #turn(): void {
    for (let raft = this.#raft; raft?.hasReady() === true; raft = this.#raft) {
      const { checker } = this.#parts;
      const { committed, messages, persist, reads, readsLost } = raft.ready();
      for (const message of messages) this.#send(message);
      if (persist !== null) {
        const { snapshot } = persist;
        const image = snapshot === null ? null : this.#adopt(snapshot.index, snapshot.term);
        checker.handedOut(this, persist);
        this.disk.write(persist, image, () => this.act((running) => running.persisted()));
        // A full disk has ended the process.
        if (this.#raft !== raft) return;
      }
      for (const entry of committed) {
        this.hash = hashEntry(this.hash, entry);
        this.applied = entry.index;
        this.appliedTerm = entry.term;
        checker.applied(this, entry);
      }
      if (committed.length > 0) checker.checkDurable(this, raft, this.#parts.nodeOf);
      for (const { index, readId } of reads) checker.readAnswered(this, readId, index);
      for (const readId of readsLost) checker.readLost(this, readId);
      checker.observe(this, raft);
      this.#maySnapshot(raft);
    }
  }

  #adopt(index: number, term: number): Image {
    const image = required(this.#received.get(index), 'the image of a snapshot');
    this.#received.clear();
    this.hash = image;
    this.applied = index;
    this.appliedTerm = term;
    this.#snapshotAt = index;
    this.#parts.checker.adopted(this);
    return image;
  }

  #maySnapshot(raft: Raft): void {
    if (this.applied < this.#snapshotAt + snapshotEveryEntries) return;
    const index = this.applied;
    this.#snapshotAt = index;
    const configuration = raft.configurationAt(index);
    const description = { index, term: this.appliedTerm, configuration };
    this.disk.saveSnapshot({ description, image: this.hash }, index - keptEntries, () => {
      this.act((running) => {
        // A snapshot of the leader is taking the log's place.
        if (running.status().durable < index) return;
        running.snapshotAvailable(description);
        running.compact(index - keptEntries - 1);
      });
    });
  }

  #send(message: Message): void {
    const { nodeOf, world } = this.#parts;
    const target = nodeOf(message.to);
    if (target === undefined) return;
    if (message.kind === MessageKind.Snapshot) {
      this.#sendSnapshot(target, message);
      return;
    }
    world.network.send(this.id, message.to, () => target.act((raft) => raft.step(message)));
  }

  #sendSnapshot(target: RaftNode, message: Message): void {
    const { network, scheduler, trace } = this.#parts.world;
    const { snapshot } = this.disk;
    const index = message.snapshot?.index ?? 0;
    let isDone = false;
    const report = (arrived: boolean) => {
      if (isDone) return;
      isDone = true;
      this.act((raft) => raft.reportSnapshot(target.id, arrived));
    };
    trace.add('node', this.id, 'sends a snapshot at', index, 'to', target.id);
    // A newer one has taken its place: the transport has nothing to send.
    if (snapshot?.description.index !== index) return scheduler.after(1, () => report(false));
    const { image } = snapshot;
    network.send(
      this.id,
      target.id,
      () => {
        if (isDone) return;
        target.host.run(() => target.#receive(index, image, message));
        report(true);
      },
      20,
    );
    scheduler.after(snapshotDeadlineMs, () => report(false));
  }

  #receive(index: number, image: Image, message: Message): void {
    this.#received.set(index, image);
    this.#running().step(message);
    this.#turn();
  }

  #running(): Raft {
    return required(this.#raft, 'the engine');
  }
}
