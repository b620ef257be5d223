/**
 * One node of the lock manager without disk, network and clock: it binds Raft, the lock machine
 * and, while it leads, its clients.
 *
 * The owner says what happened (frames, calls, messages, time, a write that is durable) and then
 * takes a turn(), which says what to do. All that came since the last turn becomes one log entry,
 * one message for each peer, one write and one frame for each client: the more comes, the less
 * each costs. While a write runs, commands go on collecting: the running write is the batching
 * window.
 *
 * Next: leader.ts (clients), leader-results.ts (answers), session-clock.ts (TTLs).
 */
import { assert } from '@windlass/base';
import type { LockMachine, MachineSnapshot } from '@windlass/lock-machine';
import {
  type Command,
  decodeCommands,
  LockCode,
  type SessionRequestFrame,
} from '@windlass/lock-wire';
import {
  type Configuration,
  decodeConfiguration,
  type Entry,
  EntryKind,
  type Message,
  MessageKind,
  type NodeId,
  type PersistBatch,
  Raft,
  type RaftBugs,
  RaftRole,
  type RaftStart,
  type SnapshotDescription,
} from '@windlass/raft';
import { abandon, giveUpRead } from './abandonment.ts';
import { AwakeClock } from './awake-clock.ts';
import { Leader } from './leader.ts';
import { confirm, deliver, type ResultContext } from './leader-results.ts';
import { planMembership } from './membership-plan.ts';
import { Outbox } from './outbox.ts';
import { Routes } from './routes.ts';
import type {
  CallId,
  CallRequest,
  ReceivedSnapshot,
  ReplicaOutput,
  ReplicaSettings,
  StreamId,
} from './types.ts';

/**
 * While a write runs, commands collect at most this long: a disk that is slower must not hold up
 * entries that two other nodes could have made durable meanwhile.
 */
const batchWindowMaxMs = 5;

/** How often a leader looks after members, version and limits. */
const upkeepIntervalMs = 200;

/** Frames and calls that wait for a new leader's first entry; beyond it they are refused. */
const earlyMax = 10_000;

type Early =
  | { readonly kind: 'frame'; readonly stream: StreamId; readonly frame: SessionRequestFrame }
  | { readonly kind: 'call'; readonly call: CallId; readonly request: CallRequest };

export class LockReplica {
  readonly #settings: ReplicaSettings;
  readonly #raft: Raft;
  readonly #routes = new Routes();
  readonly #outbox = new Outbox();
  readonly #time: AwakeClock;
  readonly #peerVersions = new Map<NodeId, number>();
  #machine: LockMachine;
  /** Term of the newest applied entry. */
  #appliedTerm: number;
  /** The configuration at the newest applied index. */
  #configuration: Configuration;
  #leader: Leader | null = null;
  /** The term in which this node leads, also before it serves; 0 while it doesn't lead. */
  #leadTerm = 0;
  #knownLeader: NodeId = 0;
  #early: Early[] = [];
  #received: ReceivedSnapshot | null = null;
  #persistSinceMs: number | null = null;
  #handedOver = false;
  #upkeepAtMs = 0;

  constructor(
    settings: ReplicaSettings,
    start: RaftStart,
    machine: LockMachine,
    nowMs: number,
    bugs?: RaftBugs,
  ) {
    assert(start.applied === machine.appliedIndex, 'the machine is at the applied index');
    this.#settings = settings;
    this.#raft = new Raft(settings.raft, start, bugs);
    this.#machine = machine;
    this.#appliedTerm = start.snapshot?.term ?? 0;
    this.#configuration = start.snapshot?.configuration ?? noMembers;
    const pauseMsMin = settings.raft.electionTicks * settings.tickMs;
    this.#time = new AwakeClock(settings.tickMs, pauseMsMin, nowMs);
  }

  /** The state, for reading only. A new object after a snapshot was received. */
  get machine(): LockMachine {
    return this.#machine;
  }

  get raft(): Pick<Raft, 'status'> {
    return this.#raft;
  }

  /** True while this node leads and answers clients. */
  get isServing(): boolean {
    return this.#leader !== null;
  }

  /** Address of the leader that this node knows of, or ''. */
  get leaderAddress(): string {
    const { configuration, leader } = this.#raft.status();
    return configuration.members.find(({ id }) => id === leader)?.address ?? '';
  }

  /** A message of a peer. Snapshots come in by receivedSnapshot(). */
  receive(message: Message): void {
    assert(message.kind !== MessageKind.Snapshot, 'a snapshot comes with its state');
    this.#raft.step(message);
  }

  /** True while a snapshot that was received isn't given to the disk: no other one may come. */
  get awaitsSnapshot(): boolean {
    return this.#received !== null;
  }

  /**
   * A snapshot of the leader that has arrived whole. True: it will be in a `persist`, and what was
   * stored of it must stay until that is durable. False: it brings nothing new.
   */
  receivedSnapshot(received: ReceivedSnapshot): boolean {
    assert(this.#received === null, 'one snapshot at a time');
    const { message } = received;
    this.#raft.step(message);
    const index = message.snapshot?.index ?? 0;
    const isTaken =
      this.#raft.status().firstIndex === index + 1 && this.#machine.appliedIndex < index;
    if (isTaken) this.#received = received;
    return isTaken;
  }

  /** The transport could not bring a message or a snapshot to a peer. */
  unreachable(peer: NodeId): void {
    this.#raft.reportUnreachable(peer);
  }

  /** A snapshot that was asked for by a Snapshot message has been brought to the peer, or not. */
  snapshotSent(peer: NodeId, ok: boolean): void {
    this.#raft.reportSnapshot(peer, ok);
  }

  /** What a peer said of the versions of the lock machine that it can run. */
  peerVersion(peer: NodeId, machineVersionMax: number): void {
    this.#peerVersions.set(peer, machineVersionMax);
  }

  connect(stream: StreamId): void {
    this.#routes.connect(stream);
  }

  /** A valid frame of a client's stream (the owner has checked its bounds). */
  frame(stream: StreamId, frame: SessionRequestFrame): void {
    const state = this.#routes.stream(stream);
    if (state === null) return;
    if (this.#leader !== null) this.#leader.frame(state, frame, this.#time.awakeMs);
    else if (!this.#keepEarly({ kind: 'frame', stream, frame })) this.#redirect(stream);
  }

  disconnect(stream: StreamId): void {
    const state = this.#routes.disconnect(stream);
    if (state === null || this.#leader === null) return;
    const ttlMs = this.#leader.clock.ttlMs(state.sessionId);
    if (ttlMs !== null) this.#leader.startGrace(state.sessionId, ttlMs, this.#time.awakeMs);
  }

  /** A valid unary request. */
  call(call: CallId, request: CallRequest): void {
    if (this.#leader !== null) this.#leader.call(call, request, this.#time.awakeMs);
    else if (!this.#keepEarly({ kind: 'call', call, request })) this.#notLeading(call);
  }

  /** The caller is gone: its call isn't answered any more. */
  cancelCall(call: CallId): void {
    const waiting = this.#routes.removeCall(call);
    if (waiting === null || this.#leader === null) return;
    this.#leader.cancelled(waiting.sessionId, waiting.sequence, this.#time.awakeMs);
  }

  /** The outstanding write is durable. */
  persisted(): void {
    this.#persistSinceMs = null;
    this.#raft.persisted();
  }

  /**
   * An image of the state as it is now, piece by piece; one at a time. It may be saved as a
   * snapshot if the own disk hasDurable() its index; say snapshotSaved() once that is done.
   */
  beginSnapshot(): { readonly description: SnapshotDescription; readonly image: MachineSnapshot } {
    const description = {
      index: this.#machine.appliedIndex,
      term: this.#appliedTerm,
      configuration: this.#configuration,
    };
    return { description, image: this.#machine.snapshot() };
  }

  /** True once the own disk has the log up to an index: an image of it may be saved. */
  hasDurable(index: number): boolean {
    return this.#raft.status().durable >= index;
  }

  /** A snapshot is durable: entries up to keepFromIndex - 1 aren't needed in memory any more. */
  snapshotSaved(description: SnapshotDescription, keepFromIndex: number): void {
    this.#raft.snapshotAvailable(description);
    this.#raft.compact(Math.min(keepFromIndex - 1, description.index));
  }

  /** Hands the leadership to the best of the others, before this process ends. */
  handOver(): boolean {
    return this.#raft.transferLeadership(0).ok;
  }

  /** What all of this means. `nowMs` is a monotonic clock. */
  turn(nowMs: number): ReplicaOutput {
    this.#passTime(nowMs);
    const messages: Message[] = [];
    let persist: PersistBatch | null = null;
    this.#flush(nowMs);
    while (this.#raft.hasReady()) {
      const ready = this.#raft.ready();
      for (const message of ready.messages) messages.push(message);
      if (ready.persist !== null) {
        assert(persist === null, 'one write at a time');
        persist = ready.persist;
        this.#persistSinceMs = nowMs;
        this.#adopt(persist.snapshot);
      }
      for (const entry of ready.committed) this.#apply(entry);
      this.#confirm(ready.reads, ready.readsLost);
      this.#followRole();
      this.#flush(nowMs);
    }
    const { answers, ends, events, notices } = this.#outbox;
    this.#outbox.answers = [];
    this.#outbox.ends = [];
    this.#outbox.events = [];
    this.#outbox.notices = [];
    return { messages, persist, frames: this.#routes.takeFrames(), ends, answers, events, notices };
  }

  #passTime(nowMs: number): void {
    const { pauseMs, ticks } = this.#time.pass(nowMs);
    if (pauseMs > 0) this.#outbox.notice({ kind: 'paused', pauseMs });
    for (let tick = 0; tick < ticks; tick += 1) this.#raft.tick();
    this.#followRole();
    if (this.#leader === null) return;
    this.#leader.due(this.#machine, this.#time.awakeMs);
    this.#watchDisk(nowMs);
    if (this.#time.awakeMs >= this.#upkeepAtMs) this.#upkeep(this.#leader);
  }

  #flush(nowMs: number): void {
    if (this.#leader === null || !this.#leader.hasCollected()) return;
    const sinceMs = this.#persistSinceMs;
    const isWriting = sinceMs !== null && nowMs - sinceMs < batchWindowMaxMs;
    // With nothing on its way to a quorum there is nobody to wait for: the own disk isn't needed.
    this.#leader.flush(isWriting && this.#leader.proposed.size > 0);
  }

  /** A leader whose disk doesn't answer hands over: the others' disks may. */
  #watchDisk(nowMs: number): void {
    const sinceMs = this.#persistSinceMs;
    if (sinceMs === null || nowMs - sinceMs < this.#settings.slowDiskMs) {
      this.#handedOver = false;
      return;
    }
    if (this.#handedOver) return;
    const target = this.#raft.transferLeadership(0);
    if (!target.ok) return;
    this.#handedOver = true;
    this.#outbox.notice({ kind: 'disk-slow', waitMs: nowMs - sinceMs, handedTo: target.value });
  }

  /** Members that have caught up, limits and versions that are due. */
  #upkeep(leader: Leader): void {
    this.#upkeepAtMs = this.#time.awakeMs + upkeepIntervalMs;
    const status = this.#raft.status();
    const changes = planMembership(status);
    if (changes.length > 0) this.#raft.proposeConfiguration(changes);
    const { machineVersionMax } = this.#settings;
    const { version } = this.#machine.counts();
    const versions = status.configuration.members.map(({ id }) =>
      id === status.id ? machineVersionMax : (this.#peerVersions.get(id) ?? 0),
    );
    const supported = Math.min(...versions);
    if (supported > version) leader.command({ kind: 'set-version', version: supported });
  }

  #apply(entry: Entry): void {
    const position = { index: entry.index, term: entry.term };
    const leader = this.#leader;
    const batch = leader?.takeProposed(entry.index) ?? null;
    const commands = batch?.commands ?? commandsOf(entry);
    const output = this.#machine.apply(position, commands);
    this.#appliedTerm = entry.term;
    if (output.events.length > 0) {
      this.#outbox.events.push({ index: entry.index, events: output.events });
    }
    if (leader !== null) deliver(this.#context(leader, entry.index), batch, output);
    if (entry.kind === EntryKind.Configuration) this.#configure(entry);
    if (entry.term === this.#leadTerm && leader === null) this.#serve();
  }

  #configure(entry: Entry): void {
    const decoded = decodeConfiguration(entry.data);
    assert(decoded.ok, 'a committed configuration can be read');
    this.#configuration = decoded.value;
    const configuration = decoded.value;
    this.#outbox.notice({ kind: 'configuration-changed', configuration });
    if (this.#leader === null || configuration.outgoing.length > 0) return;
    const { membershipCalls } = this.#leader;
    while (membershipCalls[0] !== undefined && membershipCalls[0].index <= entry.index) {
      const { call } = membershipCalls[0];
      membershipCalls.shift();
      this.#outbox.answer(call, { kind: 'members', configuration });
    }
  }

  /** The state becomes the one that was received, since Raft has taken its snapshot. */
  #adopt(snapshot: SnapshotDescription | null): void {
    if (snapshot === null) return;
    const received = this.#received;
    assert(received?.machine.appliedIndex === snapshot.index, 'the snapshot came with its state');
    this.#received = null;
    this.#machine = received.machine;
    this.#appliedTerm = snapshot.term;
    this.#configuration = snapshot.configuration;
    const { configuration, index } = snapshot;
    this.#outbox.notice({ kind: 'state-received', index });
    this.#outbox.notice({ kind: 'configuration-changed', configuration });
  }

  #confirm(
    reads: readonly { readonly readId: number; readonly index: number }[],
    lost: readonly number[],
  ): void {
    const leader = this.#leader;
    if (leader === null) return;
    for (const { index, readId } of reads) {
      assert(index <= this.#machine.appliedIndex, 'what a read needs is applied');
      const waiting = leader.reads.get(readId) ?? [];
      leader.reads.delete(readId);
      confirm(this.#context(leader, this.#machine.appliedIndex), waiting);
    }
    for (const readId of lost) {
      for (const read of leader.reads.get(readId) ?? [])
        giveUpRead(read, this.#outbox, this.leaderAddress);
      leader.reads.delete(readId);
    }
  }

  #context(leader: Leader, index: number): ResultContext {
    return {
      leader,
      index,
      machine: this.#machine,
      nowMs: this.#time.awakeMs,
      raft: this.#raft,
      routes: this.#routes,
      outbox: this.#outbox,
      settings: this.#settings,
    };
  }

  /** Notices what Raft has become. */
  #followRole(): void {
    const { leader, role, term } = this.#raft;
    const leads = role === RaftRole.Leader;
    if (this.#leadTerm !== 0 && (!leads || term !== this.#leadTerm)) this.#stepDown();
    if (leads && this.#leadTerm === 0) this.#leadTerm = term;
    if (leader === this.#knownLeader) return;
    this.#knownLeader = leader;
    if (leader !== 0) this.#outbox.notice({ kind: 'leader-changed', term, leader });
    if (leader !== 0 && !leads) this.#turnAway();
  }

  /** The first entry of this leadership is applied: all before it is known. */
  #serve(): void {
    const parts = {
      raft: this.#raft,
      routes: this.#routes,
      outbox: this.#outbox,
      settings: this.#settings,
    };
    const leader = new Leader(parts, this.#machine, this.#leadTerm, this.#time.awakeMs);
    this.#leader = leader;
    this.#upkeepAtMs = this.#time.awakeMs;
    this.#outbox.notice({ kind: 'leadership-acquired', term: this.#leadTerm });
    const { limits } = this.#settings;
    const current = this.#machine.counts().limits;
    if (!sameLimits(current, limits)) leader.command({ kind: 'set-limits', limits });
    const early = this.#early;
    this.#early = [];
    for (const item of early) {
      if (item.kind === 'frame') this.frame(item.stream, item.frame);
      else this.call(item.call, item.request);
    }
  }

  #stepDown(): void {
    const leader = this.#leader;
    const term = this.#leadTerm;
    this.#leader = null;
    this.#leadTerm = 0;
    this.#turnAway();
    if (leader === null) return;
    this.#outbox.notice({ kind: 'leadership-lost', term });
    abandon(leader, this.#routes, this.#outbox, this.leaderAddress);
    for (const stream of this.#routes.streams()) this.#redirect(stream.id);
  }

  /** Those who waited for this node to lead go to the leader that there is now. */
  #turnAway(): void {
    const early = this.#early;
    this.#early = [];
    for (const item of early) {
      if (item.kind === 'frame') this.#redirect(item.stream);
      else this.#notLeading(item.call);
    }
  }

  /** Between an election and its first entry, clients wait rather than be sent away. */
  #keepEarly(item: Early): boolean {
    if (this.#leadTerm === 0 || this.#early.length >= earlyMax) return false;
    this.#early.push(item);
    return true;
  }

  #redirect(stream: StreamId): void {
    this.#outbox.end(stream, LockCode.NotLeader, 'this node does not lead', this.leaderAddress);
  }

  #notLeading(call: CallId): void {
    this.#outbox.refuse(call, LockCode.NotLeader, 'this node does not lead', this.leaderAddress);
  }
}

const noMembers: Configuration = { voters: [], outgoing: [], learners: [], members: [] };

function commandsOf(entry: Entry): readonly Command[] {
  if (entry.kind !== EntryKind.Command) return [];
  const decoded = decodeCommands(entry.data);
  assert(decoded.ok, `the committed entry ${entry.index} can be read`);
  return decoded.value;
}

function sameLimits(left: object, right: object): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
