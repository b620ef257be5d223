/**
 * A cluster in the words of the scripts in testdata/. Everything it does is printed:
 *
 *   1: candidate, term 2                   a node's role or term changed
 *   1>2 Append t2 1/1 [2/2 x] commit=1     message: sender>receiver, kind, term, index/term of the
 *                                          entry before, entries, commit
 *   1: writes 2/2 x                        a write begins
 *   1: on disk                             the write has ended
 *   1: applies 2/2 x                       given to the state machine
 *   1: read 1 at 2                         a read may be answered from that index on
 *
 * Election timeouts are always the shortest, so that scripts can count ticks.
 */
import type { Random } from '@windlass/base';
import { seededRandom } from '@windlass/base';
import { type Message, MessageKind, type NodeId, type PersistBatch } from './index.ts';
import { TestNode } from './node.test-support.ts';
import { printEntry, printMessage, printStatus } from './print.test-support.ts';
import type { Configuration, RaftSettings } from './types.ts';

/** A loop that goes on for longer than this is a fault. */
const roundsMax = 200;

export class ScriptCluster {
  readonly nodes = new Map<NodeId, TestNode>();
  network: Message[] = [];
  /** Their messages are lost, in both directions. */
  cut = new Set<NodeId>();
  /** Their writes end only when the script says so. */
  slowDisks = new Set<NodeId>();
  /** Steps whose messages and writes aren't printed. */
  quiet = false;
  #lines: string[] = [];
  readonly #shown = new Map<NodeId, string>();

  add(id: NodeId, configuration: Configuration | null, settings: Partial<RaftSettings>): TestNode {
    const node = new TestNode(
      {
        id,
        electionTicks: 10,
        heartbeatTicks: 2,
        appendBytesMax: 4096,
        inflightMessagesMax: 16,
        inflightBytesMax: 65_536,
        uncommittedBytesMax: 65_536,
        random: shortest,
        ...settings,
      },
      configuration,
    );
    this.nodes.set(id, node);
    node.start();
    this.#shown.set(id, this.#roleOf(node));
    return node;
  }

  node(id: NodeId): TestNode {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`there is no node ${id}`);
    return node;
  }

  /** What was printed since the last time. */
  output(): string {
    const text = this.#lines.join('\n');
    this.#lines = [];
    return text;
  }

  print(line: string): void {
    this.#lines.push(line);
  }

  restart(id: NodeId): void {
    const node = this.node(id);
    node.start();
    this.#shown.set(id, '');
    this.noteRole(node);
  }

  /** Prints what became of a node, if it changed. */
  noteRole(node: TestNode): void {
    if (node.raft === null) return;
    const role = this.#roleOf(node);
    if (this.#shown.get(node.id) === role) return;
    this.#shown.set(node.id, role);
    this.print(`${node.id}: ${role}`);
  }

  /** Carries out what one node is due, once; false when there was nothing. */
  work(id: NodeId): boolean {
    const node = this.node(id);
    if (node.raft === null || !node.raft.hasReady()) return false;
    const ready = node.work();
    for (const message of ready.messages) {
      this.#say(printMessage(message));
      this.network.push(message);
    }
    if (ready.persist !== null) this.#say(`${id}: writes ${printBatch(ready.persist)}`);
    for (const entry of ready.committed) this.#say(`${id}: applies ${printEntry(entry)}`);
    for (const read of ready.reads) this.print(`${id}: read ${read.readId} at ${read.index}`);
    for (const readId of ready.readsLost) this.print(`${id}: read ${readId} is lost`);
    this.noteRole(node);
    return true;
  }

  finishWrite(id: NodeId): boolean {
    const node = this.node(id);
    if (node.raft === null || node.writing === null) return false;
    node.finishWrite();
    this.#say(`${id}: on disk`);
    this.noteRole(node);
    return true;
  }

  /** Delivers what is on its way now, to some nodes, without what is lost. */
  deliver(to: ReadonlySet<NodeId>, lost: ReadonlySet<NodeId>): boolean {
    const messages = this.network;
    this.network = messages.filter((message) => !to.has(message.to));
    let any = false;
    for (const message of messages) {
      if (!to.has(message.to)) continue;
      any = true;
      if (this.#isLost(message, lost)) {
        this.#say(`lost: ${printMessage(message)}`);
        continue;
      }
      const receiver = this.nodes.get(message.to);
      if (receiver === undefined) continue;
      receiver.step(message);
      this.noteRole(receiver);
      this.#reportSnapshot(message, receiver);
    }
    return any;
  }

  /** Until nothing moves any more, but for disks that are slow. */
  stabilize(ids: ReadonlySet<NodeId>): void {
    for (let round = 0; round < roundsMax; round += 1) {
      let moved = false;
      for (const id of ids) {
        while (this.work(id)) moved = true;
        if (!this.slowDisks.has(id) && this.finishWrite(id)) moved = true;
      }
      if (this.deliver(ids, new Set())) moved = true;
      if (!moved) return;
    }
    throw new Error(`still moving after ${roundsMax} rounds`);
  }

  status(ids: Iterable<NodeId>): void {
    for (const id of ids) {
      const { raft } = this.node(id);
      this.print(raft === null ? `${id}: is down` : printStatus(raft.status()));
    }
  }

  #say(line: string): void {
    if (!this.quiet) this.print(line);
  }

  #isLost(message: Message, lost: ReadonlySet<NodeId>): boolean {
    const { from, to } = message;
    return lost.has(to) || lost.has(from) || this.cut.has(to) || this.cut.has(from);
  }

  /** A transport tells how the transfer of a snapshot ended. */
  #reportSnapshot(message: Message, receiver: TestNode): void {
    if (message.kind !== MessageKind.Snapshot) return;
    this.node(message.from).raft?.reportSnapshot(message.to, receiver.raft !== null);
  }

  #roleOf(node: TestNode): string {
    const { role, term } = node.running.status();
    return `${role}, term ${term}`;
  }
}

function printBatch(batch: PersistBatch): string {
  const parts: string[] = [];
  if (batch.snapshot !== null)
    parts.push(`snapshot ${batch.snapshot.index}/${batch.snapshot.term}`);
  if (batch.hardState !== null) {
    const { term, votedFor } = batch.hardState;
    parts.push(`term=${term} vote=${votedFor}`);
  }
  parts.push(...batch.entries.map(printEntry));
  return parts.join(', ');
}

/** Draws the least of everything. */
const shortest: Random = { ...seededRandom(0), integer: (min) => min };
