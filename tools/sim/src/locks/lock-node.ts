/**
 * One node of the lock manager: the replica with a disk, a clock and a network around it. What a
 * process with gRPC and a write-ahead log does with the same replica, in virtual time.
 */
import { type Random, required } from '@windlass/base';
import { defaultLimits, LockMachine } from '@windlass/lock-machine';
import { type CallRequest, LockReplica, type ReplicaOutput } from '@windlass/lock-replica';
import type { SessionRequestFrame } from '@windlass/lock-wire';
import { type Configuration, type Message, MessageKind } from '@windlass/raft';
import type { Bugs } from '../scenario.ts';
import { Disk } from '../world/disk.ts';
import { Host } from '../world/host.ts';
import type { World } from '../world/world.ts';
import type { Connections } from './connections.ts';
import type { LockChecker } from './lock-checker.ts';

export const tickMs = 10;
const electionTicks = 15;
const heartbeatTicks = 5;
/** The design allows clocks that are wrong by 1 % of each other. */
export const driftMax = 0.004;
const snapshotEveryEntries = 80;
const keptEntries = 20;
const snapshotDeadlineMs = 1_000;
const snapshotPieceBytes = 1_024;

/** The pieces of a machine's snapshot. */
type Image = readonly Uint8Array[];

export type LockNodeParts = {
  readonly id: number;
  readonly world: World;
  readonly checker: LockChecker;
  readonly connections: Connections;
  readonly bugs: Bugs;
  readonly configuration: Configuration;
  readonly nodeOf: (id: number) => LockNode | undefined;
};

export class LockNode {
  readonly id: number;
  readonly host: Host;
  readonly disk: Disk<Image>;
  readonly #parts: LockNodeParts;
  #replica: LockReplica | null = null;
  #starts = 0;
  #snapshotAt = 0;
  /** Images that came from a leader, by index: the machine goes on while they are written. */
  #received = new Map<number, Image>();

  constructor(parts: LockNodeParts) {
    const { bugs, configuration, id, world } = parts;
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
    const machine = new LockMachine(machineBugs(bugs));
    machine.apply({ index: 1, term: 1 }, []);
    const description = { index: 1, term: 1, configuration };
    const image = imageOf(machine);
    this.disk.format({ description, image }, { term: 1, votedFor: 0, commit: 1 });
  }

  /** Null while it is down. */
  get replica(): LockReplica | null {
    return this.#replica;
  }

  start(): void {
    if (this.host.isUp) return;
    const { bugs, world } = this.#parts;
    this.#starts += 1;
    this.host.start();
    const random = world.random.child(`replica-${this.id}-${this.#starts}`);
    const start = this.disk.start();
    const machine = restored(required(this.disk.snapshot, 'a snapshot').image, bugs);
    const { clockMs } = this.host;
    this.#replica = new LockReplica(settingsOf(this.id, random), start, machine, clockMs, bugs);
    this.#snapshotAt = start.applied;
    this.#received.clear();
    world.trace.add('node', this.id, 'starts at', start.applied, '+', start.entries.length);
    this.#scheduleTick();
  }

  crash(): void {
    if (!this.host.isUp) return;
    this.#parts.world.trace.add('node', this.id, 'crashes');
    this.host.crash();
    this.disk.crash();
    this.#replica = null;
    this.#parts.connections.nodeCrashed(this.id);
  }

  connect(stream: number): void {
    this.#act((replica) => replica.connect(stream));
  }

  frame(stream: number, frame: SessionRequestFrame): void {
    this.#act((replica) => replica.frame(stream, frame));
  }

  disconnect(stream: number): void {
    this.#act((replica) => replica.disconnect(stream));
  }

  call(call: number, request: CallRequest): void {
    this.#act((replica) => replica.call(call, request));
  }

  handOver(): void {
    this.#act((replica) => {
      replica.handOver();
    });
  }

  #act(work: (replica: LockReplica) => void): void {
    this.host.run(() => {
      const replica = required(this.#replica, 'the replica');
      work(replica);
      this.#turn(replica);
    });
  }

  #scheduleTick(): void {
    this.host.after(tickMs, () => {
      this.#scheduleTick();
      this.#act(() => {});
    });
  }

  #turn(replica: LockReplica): void {
    const output = replica.turn(this.host.clockMs);
    for (const message of output.messages) this.#send(message);
    const { persist } = output;
    if (persist !== null) {
      const image = persist.snapshot === null ? null : this.#takeReceived(persist.snapshot.index);
      this.disk.write(persist, image, () => this.#act((running) => running.persisted()));
      // A full disk has ended the process.
      if (this.#replica !== replica) return;
    }
    this.#parts.checker.turned(this, replica, output);
    this.#handOut(output);
    this.#maySnapshot(replica);
  }

  #takeReceived(index: number): Image {
    const image = required(this.#received.get(index), 'the image of a snapshot');
    this.#received.clear();
    this.#snapshotAt = index;
    return image;
  }

  #handOut({ answers, ends, frames, notices }: ReplicaOutput): void {
    const { connections, world } = this.#parts;
    for (const { frame, stream } of frames) connections.toClient(this.id, stream, frame);
    for (const end of ends) connections.endedByNode(this.id, end);
    for (const { answer, call } of answers) connections.answer(this.id, call, answer);
    for (const notice of notices) {
      if (notice.kind !== 'paused') world.trace.add('node', this.id, JSON.stringify(notice));
    }
  }

  #maySnapshot(replica: LockReplica): void {
    if (replica.machine.appliedIndex < this.#snapshotAt + snapshotEveryEntries) return;
    const { description, image } = replica.beginSnapshot();
    const pieces = drain(image);
    this.#snapshotAt = description.index;
    const keepFrom = description.index - keptEntries;
    this.disk.saveSnapshot({ description, image: pieces }, keepFrom, () => {
      this.#act((running) => {
        // A snapshot of the leader is taking the log's place.
        if (running.raft.status().durable < description.index) return;
        running.snapshotSaved(description, keepFrom);
      });
    });
  }

  #send(message: Message): void {
    const { nodeOf, world } = this.#parts;
    const target = required(nodeOf(message.to), 'a node');
    if (message.kind === MessageKind.Snapshot) {
      this.#sendSnapshot(target, message);
      return;
    }
    world.network.send(this.id, message.to, () => {
      target.#act((replica) => replica.receive(message));
    });
  }

  #sendSnapshot(target: LockNode, message: Message): void {
    const { bugs, world } = this.#parts;
    const { snapshot } = this.disk;
    const index = message.snapshot?.index ?? 0;
    let isDone = false;
    const report = (arrived: boolean) => {
      if (isDone) return;
      isDone = true;
      this.#act((replica) => replica.snapshotSent(target.id, arrived));
    };
    world.trace.add('node', this.id, 'sends a snapshot at', index, 'to', target.id);
    // A newer one has taken its place: the transport has nothing to send.
    if (snapshot?.description.index !== index) return world.scheduler.after(1, () => report(false));
    const arrive = () => {
      if (isDone) return;
      target.#act((replica) => {
        // The one before is still to be written: the sender tries again.
        if (replica.awaitsSnapshot) return;
        const machine = restored(snapshot.image, bugs);
        if (replica.receivedSnapshot({ message, machine })) {
          target.#received.set(index, snapshot.image);
        }
        report(true);
      });
    };
    world.network.send(this.id, target.id, arrive, 20);
    world.scheduler.after(snapshotDeadlineMs, () => report(false));
  }
}

function settingsOf(id: number, random: Random): ConstructorParameters<typeof LockReplica>[0] {
  return {
    raft: {
      id,
      electionTicks,
      heartbeatTicks,
      appendBytesMax: 10_000,
      inflightMessagesMax: 16,
      inflightBytesMax: 100_000,
      uncommittedBytesMax: 100_000,
      random: random.child('raft'),
    },
    tickMs,
    region: 'us-east',
    ttlDefaultMs: 30_000,
    limits: defaultLimits,
    inflightOperationsMax: 1_000,
    slowDiskMs: 200,
    machineVersionMax: 1,
    newSessionId: () => random.integer(1, Number.MAX_SAFE_INTEGER - 1),
  };
}

function machineBugs({ grantToExpired }: Bugs): ConstructorParameters<typeof LockMachine>[0] {
  return grantToExpired === true ? { grantToExpired } : {};
}

function imageOf(machine: LockMachine): Image {
  return drain(machine.snapshot());
}

function drain(image: ReturnType<LockMachine['snapshot']>): Image {
  const pieces: Uint8Array[] = [];
  for (let piece = image.next(snapshotPieceBytes); piece !== null; ) {
    pieces.push(piece);
    piece = image.next(snapshotPieceBytes);
  }
  image.close();
  return pieces;
}

function restored(image: Image, bugs: Bugs): LockMachine {
  const restore = LockMachine.restore(machineBugs(bugs));
  for (const piece of image) restore.push(piece);
  const read = restore.finish();
  if (!read.ok) throw new Error(`a snapshot can't be read: ${JSON.stringify(read.error)}`);
  return read.value;
}
