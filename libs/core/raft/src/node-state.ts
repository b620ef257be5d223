/**
 * All that a node keeps, and the one rule about what may leave it: `send` for what promises
 * nothing, `hold` for what must be on disk first. Role and term change only in roles.ts, what is on
 * its way to the disk only in disk.ts.
 *
 * Next: roles.ts.
 */
import { assert } from '@windlass/base';
import { adoptEntries } from './adopt-entries.ts';
import { ConfigurationHistory, emptyConfiguration, isVoter } from './configuration.ts';
import { RaftLog } from './log.ts';
import { type Message, type MessageDraft, MessageKind, newMessage } from './messages.ts';
import { PendingReads } from './pending-reads.ts';
import type { Progress } from './progress.ts';
import type { ValueOf } from './quorum.ts';
import {
  type Configuration,
  type NodeId,
  type PersistBatch,
  RaftRole,
  type RaftSettings,
  type RaftStart,
  type SnapshotDescription,
} from './types.ts';

/** Deliberate faults. For the simulation only: they show that its checker bites. */
export type RaftBugs = {
  /** Forgets whom it voted for: two leaders in one term. */
  readonly voteTwice?: boolean;
  /** Lets messages leave before what they promise is durable. */
  readonly sendBeforePersisting?: boolean;
};

export class NodeState {
  readonly id: NodeId;
  readonly settings: RaftSettings;
  readonly bugs: RaftBugs;
  readonly log: RaftLog;
  readonly configurations: ConfigurationHistory;
  readonly reads = new PendingReads();

  role: RaftRole = RaftRole.Follower;
  term: number;
  votedFor: NodeId;
  leader: NodeId = 0;

  /** Ticks since a leader was heard, or since this node became what it is. */
  electionElapsed = 0;
  /** In [electionTicks, 2 × electionTicks), drawn anew for each wait. */
  electionTimeout: number;
  /** Candidates only. */
  readonly votes = new Map<NodeId, boolean>();
  /** The leader asked for this election. */
  transferElection = false;

  /** Leader only: the other members, sorted by id. */
  peers: Progress[] = [];
  heartbeatElapsed = 0;
  uncommittedBytes = 0;
  /** Whom leadership is being handed to, or 0. */
  transferee: NodeId = 0;
  transferElapsed = 0;

  /** May leave with the next ready(). */
  outbox: Message[] = [];
  /** Wait for the write that is running. */
  heldForWrite: MessageDraft[] = [];
  /** Wait for the write after that. */
  heldForNextWrite: MessageDraft[] = [];
  /** Being written; at most one. */
  outstanding: PersistBatch | null = null;
  /** The hard state that the disk was given last, and the one that is durable. */
  givenTerm: number;
  givenVote: NodeId;
  givenCommit: number;
  durableTerm: number;
  durableVote: NodeId;
  /** Received, and not given to the disk yet. */
  receivedSnapshot: SnapshotDescription | null = null;
  /** Durable here: what a follower that lags too far is sent. */
  ownSnapshot: SnapshotDescription | null;

  constructor(settings: RaftSettings, start: RaftStart, bugs: RaftBugs) {
    checkSettings(settings);
    const { hardState, snapshot } = start;
    this.id = settings.id;
    this.settings = settings;
    this.bugs = bugs;
    this.log = new RaftLog(snapshot, start.entries);
    this.configurations = new ConfigurationHistory(
      snapshot?.index ?? 0,
      snapshot?.configuration ?? emptyConfiguration,
    );
    adoptEntries(this.configurations, start.entries);
    assert(hardState.term >= this.log.lastTerm, 'the term on disk is as new as the log');
    assert(start.applied <= this.log.lastIndex, 'what was applied is in the log');
    assert(start.applied >= this.log.applied, 'what was applied includes the snapshot');
    // The commit index is a hint that may have been written before the entries it counts.
    this.log.commitTo(Math.min(Math.max(hardState.commit, start.applied), this.log.lastIndex));
    this.log.applied = start.applied;
    this.term = hardState.term;
    this.votedFor = hardState.votedFor;
    this.givenTerm = hardState.term;
    this.givenVote = hardState.votedFor;
    this.givenCommit = hardState.commit;
    this.durableTerm = hardState.term;
    this.durableVote = hardState.votedFor;
    this.ownSnapshot = snapshot;
    this.electionTimeout = this.drawElectionTimeout();
  }

  get configuration(): Configuration {
    return this.configurations.current;
  }

  get isLeader(): boolean {
    return this.role === RaftRole.Leader;
  }

  /** The deliberate faults break assertions too; the simulation wants to see what comes of them. */
  get isFaulty(): boolean {
    return this.bugs.voteTwice === true || this.bugs.sendBeforePersisting === true;
  }

  /**
   * May stand for election: a voter, of the newest configuration or of the newest committed one. A
   * member whose removal isn't committed yet may be the only one that can win (dissertation, 4.2.2).
   */
  get isPromotable(): boolean {
    if (this.receivedSnapshot !== null) return false;
    const committed = this.configurations.at(this.log.commit);
    return isVoter(this.configuration, this.id) || isVoter(committed, this.id);
  }

  /** The leader's log is committed into its own term: what it knows of commits is up to date. */
  get hasCommittedInTerm(): boolean {
    return this.log.termAt(this.log.commit) === this.term;
  }

  drawElectionTimeout(): number {
    const { electionTicks, random } = this.settings;
    return random.integer(electionTicks, 2 * electionTicks - 1);
  }

  peer(id: NodeId): Progress | undefined {
    for (const progress of this.peers) if (progress.id === id) return progress;
    return undefined;
  }

  draft(kind: MessageKind, to: NodeId): MessageDraft {
    return newMessage(kind, this.id, to, this.term);
  }

  /** For messages that promise nothing which the disk must keep. */
  send(message: Message): void {
    this.outbox.push(message);
  }

  /** For messages that are true only once everything up to now is durable. */
  hold(message: MessageDraft): void {
    if (this.bugs.sendBeforePersisting === true) this.outbox.push(message);
    else if (this.needsWrite()) mergeInto(this.heldForNextWrite, message);
    else if (this.outstanding !== null) mergeInto(this.heldForWrite, message);
    else this.outbox.push(message);
  }

  /** Something that messages depend on hasn't been given to the disk. */
  needsWrite(): boolean {
    return (
      this.term !== this.givenTerm ||
      this.votedFor !== this.givenVote ||
      this.receivedSnapshot !== null ||
      this.log.hasUnwritten()
    );
  }

  /** The values that majorities are counted over, made once: they are used after every answer. */
  readonly durableIndexOf: ValueOf = (id) =>
    id === this.id ? this.log.durable : (this.peer(id)?.match ?? 0);

  readonly readSequenceOf: ValueOf = (id) =>
    id === this.id ? this.reads.sequence : (this.peer(id)?.readSequence ?? 0);

  readonly activityOf: ValueOf = (id) =>
    id === this.id || this.peer(id)?.recentlyActive === true ? 1 : 0;

  readonly voteOf: ValueOf = (id) => {
    const vote = this.votes.get(id);
    if (vote === undefined) return 0;
    return vote ? 1 : -1;
  };
}

/** One answer for all appends that wait for the same write: the last one says it all. */
function mergeInto(held: MessageDraft[], message: MessageDraft): void {
  const last = held.at(-1);
  if (
    last !== undefined &&
    last.kind === MessageKind.AppendResponse &&
    message.kind === MessageKind.AppendResponse &&
    last.to === message.to &&
    last.term === message.term
  ) {
    last.index = Math.max(last.index, message.index);
    last.readSequence = Math.max(last.readSequence, message.readSequence);
    return;
  }
  held.push(message);
}

function checkSettings(settings: RaftSettings): void {
  const { id, electionTicks, heartbeatTicks, inflightMessagesMax } = settings;
  assert(Number.isSafeInteger(id) && id > 0, 'an id is a whole number above 0');
  assert(heartbeatTicks > 0, 'heartbeats need a distance');
  assert(2 * heartbeatTicks <= electionTicks, 'an election waits for two heartbeats');
  assert(inflightMessagesMax > 0, 'at least one message is on its way');
}
