/**
 * The Raft engine of one node: messages, ticks and proposals in, Ready out. It does no I/O and
 * reads no clock. The owner's loop:
 *
 *   on a message, a tick or a proposal: raft.step(…), raft.tick(), raft.propose(…)
 *   at the end of each turn, while raft.hasReady():
 *     const { messages, persist, committed, reads, readsLost } = raft.ready()
 *     send messages; begin to write persist; apply committed; answer reads
 *   when the write is durable: raft.persisted()
 *
 * Next: types.ts for what goes in and out, step.ts for how a message is handled, roles.ts for the
 * states.
 */
import { assert, fail, ok, type Result } from '@windlass/base';
import { batchWritten, nextBatch } from './disk.ts';
import { campaign, checkQuorum, tickElection } from './election.ts';
import { proposeConfiguration } from './membership.ts';
import type { Message } from './messages.ts';
import { NodeState, type RaftBugs } from './node-state.ts';
import { appendOwn } from './own-entries.ts';
import { readIndex } from './reads.ts';
import {
  collectMessages,
  hasMessagesDue,
  reportSnapshot,
  reportUnreachable,
  tickHeartbeat,
} from './replication.ts';
import { step } from './step.ts';
import { tickTransfer, transferLeadership } from './transfer.ts';
import {
  type Configuration,
  type ConfigurationChange,
  EntryKind,
  type NodeId,
  type ProgressView,
  ProposalRefusal,
  type RaftRole,
  type RaftSettings,
  type RaftStart,
  type RaftStatus,
  type Ready,
  type SnapshotDescription,
} from './types.ts';

/** One ready() hands out no more, so that a node that catches up doesn't block its event loop. */
const committedBytesMax = 256 * 1024;

export type Proposed = {
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly term: number;
};

export class Raft {
  readonly #node: NodeState;

  /** @param bugs for the simulation only */
  constructor(settings: RaftSettings, start: RaftStart, bugs: RaftBugs = {}) {
    this.#node = new NodeState(settings, start, bugs);
  }

  /** Time passes: elections, heartbeats, the quorum check, the deadline of a handover. */
  tick(): void {
    const node = this.#node;
    if (!node.isLeader) {
      tickElection(node);
      return;
    }
    node.electionElapsed += 1;
    tickTransfer(node);
    if (node.electionElapsed >= node.settings.electionTicks) {
      node.electionElapsed = 0;
      checkQuorum(node);
    }
    tickHeartbeat(node);
  }

  /** A message has arrived; a Snapshot once its state has fully arrived. */
  step(message: Message): void {
    step(this.#node, message);
  }

  /**
   * One Command entry for each item, all of them or none. The bytes are kept as they are: they must
   * not change any more.
   */
  propose(data: readonly Uint8Array[]): Result<Proposed, ProposalRefusal> {
    const node = this.#node;
    if (!node.isLeader) return fail(ProposalRefusal.NotLeader);
    if (node.transferee !== 0) return fail(ProposalRefusal.Transferring);
    assert(data.length > 0, 'a proposal has an item');
    let bytes = 0;
    for (const item of data) bytes += item.length;
    const limit = node.settings.uncommittedBytesMax;
    if (node.uncommittedBytes > 0 && node.uncommittedBytes + bytes > limit) {
      return fail(ProposalRefusal.TooMuchUncommitted);
    }
    const firstIndex = node.log.lastIndex + 1;
    for (const item of data) appendOwn(node, EntryKind.Command, item);
    return ok({ firstIndex, lastIndex: node.log.lastIndex, term: node.term });
  }

  /**
   * Changes who takes part, through a joint configuration where more than one voter comes or goes.
   * It is done when the last configuration entry that follows is committed and not joint.
   */
  proposeConfiguration(
    changes: readonly ConfigurationChange[],
  ): Result<{ readonly index: number; readonly term: number }, ProposalRefusal> {
    return proposeConfiguration(this.#node, changes);
  }

  /** A read id, rising. Its outcome is in a later ready(): reads, or readsLost. */
  readIndex(): Result<number, ProposalRefusal> {
    return readIndex(this.#node);
  }

  /** Hands leadership to a voter, or with 0 to the one that is best prepared: its id. */
  transferLeadership(to: NodeId): Result<NodeId, ProposalRefusal> {
    return transferLeadership(this.#node, to);
  }

  /** Stands for election now, with a pre-vote first. Nothing happens where it may not. */
  campaign(): void {
    campaign(this.#node);
  }

  /** True when ready() has something to do. */
  hasReady(): boolean {
    const node = this.#node;
    const { log } = node;
    return (
      node.outbox.length > 0 ||
      (node.outstanding === null && node.needsWrite()) ||
      (log.commit > log.applied && node.receivedSnapshot === null) ||
      node.reads.hasOutcome ||
      hasMessagesDue(node)
    );
  }

  /** What the owner has to do now, handed out once. See Ready for the order. */
  ready(): Ready {
    const node = this.#node;
    collectMessages(node);
    const persist = nextBatch(node);
    const messages = node.outbox;
    if (messages.length > 0) node.outbox = [];
    // What follows a received snapshot waits until the owner has that.
    const committed =
      node.receivedSnapshot === null ? node.log.takeCommitted(committedBytesMax) : [];
    const reads = node.reads.takeReady();
    const readsLost = node.reads.takeLost();
    return { messages, persist, committed, reads, readsLost };
  }

  /** The outstanding PersistBatch is durable. */
  persisted(): void {
    batchWritten(this.#node);
  }

  /**
   * A snapshot of the own state machine is durable: a follower that lags too far is sent it. It must
   * not be ahead of the own log on disk (RaftStatus.durable): after a crash, what an older leader
   * had left there would follow the snapshot. One that a received snapshot has overtaken is ignored.
   */
  snapshotAvailable(description: SnapshotDescription): void {
    const node = this.#node;
    if (description.index < node.log.firstIndex) return;
    assert(description.index <= node.log.applied, 'a snapshot holds what was applied');
    assert(description.index <= node.log.durable, 'a snapshot is not ahead of the log on disk');
    if (description.index > (node.ownSnapshot?.index ?? 0)) node.ownSnapshot = description;
  }

  /** Forgets entries up to an index, which the own snapshot must include. */
  compact(index: number): void {
    const node = this.#node;
    if (index < node.log.firstIndex) return;
    assert(index <= (node.ownSnapshot?.index ?? 0), 'a snapshot holds what is dropped');
    node.log.compact(index);
    node.configurations.compact(index);
  }

  /** Messages to a member got lost: the leader looks anew for what it has. */
  reportUnreachable(id: NodeId): void {
    reportUnreachable(this.#node, id);
  }

  /** Sending a snapshot to a member has ended. */
  reportSnapshot(id: NodeId, arrived: boolean): void {
    reportSnapshot(this.#node, id, arrived);
  }

  /** The configuration that counts at an index of the log, for the description of a snapshot. */
  configurationAt(index: number): Configuration {
    return this.#node.configurations.at(index);
  }

  get role(): RaftRole {
    return this.#node.role;
  }

  get term(): number {
    return this.#node.term;
  }

  /** The leader that this node follows (or is), or 0. */
  get leader(): NodeId {
    return this.#node.leader;
  }

  status(): RaftStatus {
    const { id, role, term, leader, log, configuration } = this.#node;
    return {
      id,
      role,
      term,
      leader,
      commit: log.commit,
      lastIndex: log.lastIndex,
      durable: log.durable,
      firstIndex: log.firstIndex,
      configuration,
      progress: this.#progress(),
    };
  }

  #progress(): readonly ProgressView[] {
    const node = this.#node;
    if (!node.isLeader) return [];
    const own: ProgressView = {
      id: node.id,
      match: node.log.durable,
      next: node.log.lastIndex + 1,
      state: 'replicate',
      recentlyActive: true,
    };
    const views = [own, ...node.peers.map((peer) => peer.view())];
    return views.sort((left, right) => left.id - right.id);
  }
}
