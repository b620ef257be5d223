/**
 * What Raft keeps, says and asks for. Names are those of the paper (Ongaro and Ousterhout, "In
 * Search of an Understandable Consensus Algorithm", 2014) and of Ongaro's dissertation.
 *
 * Next: messages.ts, then raft.ts.
 */
import type { Random } from '@windlass/base';
import type { Message } from './messages.ts';

/** Identity of a member: made anew whenever a node begins with an empty disk. In [1, 2^53). */
export type NodeId = number;

/** The numbers of RaftRole of the wire's status, in the paper's words. */
export const RaftRole = {
  Follower: 'follower',
  PreCandidate: 'pre-candidate',
  Candidate: 'candidate',
  Leader: 'leader',
} as const;
export type RaftRole = (typeof RaftRole)[keyof typeof RaftRole];

/** As EntryKind in proto/windlass/lock/internal/v1/raft.proto. */
export const EntryKind = { Empty: 0, Command: 1, Configuration: 2 } as const;
export type EntryKind = (typeof EntryKind)[keyof typeof EntryKind];

export type Entry = {
  /** Place in the log, from 1. */
  readonly index: number;
  /** Term of the leader that wrote it. Invariant: never less than that of the entry before. */
  readonly term: number;
  readonly kind: EntryKind;
  /** Opaque for Command; an encoded Configuration for Configuration; empty for Empty. */
  readonly data: Uint8Array;
};

/** What must be on disk before an answer leaves. */
export type HardState = {
  /** Newest term seen. Never decreases. */
  readonly term: number;
  /** Whom this node voted for in that term, or 0. */
  readonly votedFor: NodeId;
  /** Last index known to be committed. A hint: losing it costs nothing but time. */
  readonly commit: number;
};

export type Member = { readonly id: NodeId; readonly name: string; readonly address: string };

/** Who takes part. Takes effect as soon as it is in the log (dissertation, chapter 4). */
export type Configuration = {
  /** Sorted. */
  readonly voters: readonly NodeId[];
  /** Voters of the configuration that is being left, sorted; joint while this isn't empty. */
  readonly outgoing: readonly NodeId[];
  /** Sorted; disjoint from voters and outgoing. */
  readonly learners: readonly NodeId[];
  /** Name and address of each id above, sorted by id. */
  readonly members: readonly Member[];
};

export type SnapshotDescription = {
  /** Last index that the snapshot includes. */
  readonly index: number;
  /** Term of the entry at that index. */
  readonly term: number;
  /** The configuration at that index. */
  readonly configuration: Configuration;
};

export type RaftSettings = {
  readonly id: NodeId;
  /** Ticks without a leader's word before an election; each wait is random in [it, 2 × it). */
  readonly electionTicks: number;
  /** Ticks between heartbeats. Invariant: 2 × heartbeatTicks <= electionTicks. */
  readonly heartbeatTicks: number;
  /** Most bytes of entries in one message; one entry may be larger. */
  readonly appendBytesMax: number;
  /** Most unanswered append messages for one follower. */
  readonly inflightMessagesMax: number;
  /** Most unanswered bytes for one follower. */
  readonly inflightBytesMax: number;
  /** Most bytes of proposals that aren't committed yet; beyond it propose() refuses. */
  readonly uncommittedBytesMax: number;
  readonly random: Random;
};

/** What a node finds on its disk when it starts. */
export type RaftStart = {
  readonly hardState: HardState;
  /** Null: the log begins at index 1 with no member. */
  readonly snapshot: SnapshotDescription | null;
  /** What follows the snapshot, without gaps. All of it is durable. */
  readonly entries: readonly Entry[];
  /** Last index that the state machine has: the snapshot's, as a rule. */
  readonly applied: number;
};

/** Written together, made durable by one sync, then confirmed by `persisted()`. */
export type PersistBatch = {
  /** Null where it didn't change. */
  readonly hardState: HardState | null;
  /** Replace whatever the log holds from the first one's index on. */
  readonly entries: readonly Entry[];
  /** A snapshot received from the leader: replaces log and state, before the entries above. */
  readonly snapshot: SnapshotDescription | null;
};

/** A read (or renewal) may be answered: the leader's term was confirmed after it was asked for. */
export type ReadReady = {
  /** What readIndex() returned. */
  readonly readId: number;
  /** The state machine must have applied this index before the answer. */
  readonly index: number;
};

/**
 * What the owner has to do now. Order: send `messages`; begin to write `persist`; apply
 * `committed`; answer `reads` whose index is applied. When `persist` is durable, call
 * `persisted()` and look again. Messages that depend on the disk come out only after that.
 */
export type Ready = {
  /** For several receivers; those for one receiver in the order in which they should arrive. */
  readonly messages: readonly Message[];
  /** At most one is outstanding: while it is being written, this is null and work collects. */
  readonly persist: PersistBatch | null;
  /** To be applied in this order, once. */
  readonly committed: readonly Entry[];
  readonly reads: readonly ReadReady[];
  /** Reads that will never be confirmed: leadership is lost. */
  readonly readsLost: readonly number[];
};

export const ProposalRefusal = {
  NotLeader: 'not-leader',
  /** Leadership is being handed over. */
  Transferring: 'transferring',
  /** uncommittedBytesMax is reached. */
  TooMuchUncommitted: 'too-much-uncommitted',
  /** A configuration change is under way. */
  ConfigurationPending: 'configuration-pending',
  /** The change makes no sense: an unknown member, or no voter left. */
  InvalidConfiguration: 'invalid-configuration',
} as const;
export type ProposalRefusal = (typeof ProposalRefusal)[keyof typeof ProposalRefusal];

/** One step of a membership change; several in one proposal go through a joint configuration. */
export type ConfigurationChange =
  | { readonly kind: 'add-learner'; readonly member: Member }
  | { readonly kind: 'promote'; readonly id: NodeId }
  | { readonly kind: 'remove'; readonly id: NodeId }
  | { readonly kind: 'update'; readonly member: Member };

/** How the leader sees a member. */
export type ProgressView = {
  readonly id: NodeId;
  /** Highest index known to be durable there. */
  readonly match: number;
  /** Next index to send. Invariant: match < next. */
  readonly next: number;
  readonly state: 'probe' | 'replicate' | 'snapshot';
  readonly recentlyActive: boolean;
};

export type RaftStatus = {
  readonly id: NodeId;
  readonly role: RaftRole;
  readonly term: number;
  /** 0 where none is known. */
  readonly leader: NodeId;
  readonly commit: number;
  readonly lastIndex: number;
  /**
   * Last index that is on this node's own disk: 0 while a received snapshot is being written. A
   * commit may run ahead of it, a snapshot must not.
   */
  readonly durable: number;
  /** First index still in memory. */
  readonly firstIndex: number;
  readonly configuration: Configuration;
  /** Leader only; empty elsewhere. Sorted by id. */
  readonly progress: readonly ProgressView[];
};
