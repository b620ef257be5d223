/**
 * What a replica is told, and what it wants done. A replica is one node of the lock manager
 * without its disk, network and clock: those come in as calls and go out as values.
 *
 * Next: lock-replica.ts.
 */
import type { LockEvent, LockMachine, LockView } from '@windlass/lock-machine';
import type {
  LockCode,
  LockLimits,
  Operation,
  OperationResult,
  SessionResponseFrame,
} from '@windlass/lock-wire';
import type {
  Configuration,
  ConfigurationChange,
  Message,
  NodeId,
  PersistBatch,
  RaftSettings,
} from '@windlass/raft';

/** Names one Session stream of a client, as long as the process lives. Given by the owner. */
export type StreamId = number;

/** Names one unary call, as long as the process lives. Given by the owner. */
export type CallId = number;

export type ReplicaSettings = {
  readonly raft: RaftSettings;
  /** Length of one tick of Raft. */
  readonly tickMs: number;
  readonly region: string;
  /** What a session gets that names no TTL. The owner keeps the bounds of those that do. */
  readonly ttlDefaultMs: number;
  /** The bounds of the lock machine that this node brings in when it leads. */
  readonly limits: LockLimits;
  /** Operations that wait for their entry at most; beyond it they are refused. */
  readonly inflightOperationsMax: number;
  /** A write that takes longer makes a leader hand over. */
  readonly slowDiskMs: number;
  /** Newest version of the lock machine that this program can run. */
  readonly machineVersionMax: number;
  /** A random number in [1, 2^53) that can't be guessed: a session's id. */
  readonly newSessionId: () => number;
};

/** A unary request. Every one is answered once, unless it is cancelled. */
export type CallRequest =
  | { readonly kind: 'open'; readonly ttlMs: number; readonly clientName: string }
  | { readonly kind: 'renew'; readonly sessionId: number }
  | { readonly kind: 'operation'; readonly sessionId: number; readonly operation: Operation }
  | { readonly kind: 'get'; readonly key: string }
  | { readonly kind: 'validate'; readonly key: string; readonly token: number }
  /** Asks for a point in the log at which a read of the machine is linearizable. */
  | { readonly kind: 'barrier' }
  | {
      readonly kind: 'force-release';
      readonly key: string;
      readonly token: number;
      readonly actor: string;
      readonly reason: string;
    }
  | { readonly kind: 'change-members'; readonly changes: readonly ConfigurationChange[] }
  | { readonly kind: 'transfer'; readonly to: NodeId };

export type CallAnswer =
  | { readonly kind: 'opened'; readonly sessionId: number; readonly ttlMs: number }
  | { readonly kind: 'renewed'; readonly ttlMs: number }
  /** Of an operation; never Queued: a call waits for the end. */
  | { readonly kind: 'result'; readonly result: OperationResult }
  | { readonly kind: 'lock'; readonly lock: LockView | null; readonly index: number }
  | {
      readonly kind: 'validity';
      readonly valid: boolean;
      readonly lastExclusiveToken: number;
    }
  | { readonly kind: 'barrier'; readonly index: number }
  | { readonly kind: 'force-released'; readonly released: number }
  | { readonly kind: 'members'; readonly configuration: Configuration }
  | { readonly kind: 'transferring'; readonly to: NodeId }
  | {
      readonly kind: 'refused';
      readonly code: LockCode;
      readonly message: string;
      /** '' where none is known or it doesn't matter. */
      readonly leaderAddress: string;
    };

/** A frame for a client. */
export type StreamFrame = { readonly stream: StreamId; readonly frame: SessionResponseFrame };

/** A stream that the owner has to end, after its frames of the same output. */
export type StreamEnd = {
  readonly stream: StreamId;
  readonly code: LockCode;
  readonly message: string;
  readonly leaderAddress: string;
};

/** Something that operators want to read in the log, as it happened. */
export type ReplicaNotice =
  | { readonly kind: 'leadership-acquired'; readonly term: number }
  | { readonly kind: 'leadership-lost'; readonly term: number }
  | { readonly kind: 'leader-changed'; readonly term: number; readonly leader: NodeId }
  | { readonly kind: 'session-expired'; readonly sessionId: number }
  | {
      readonly kind: 'force-released';
      readonly key: string;
      readonly released: number;
      readonly actor: string;
      readonly reason: string;
    }
  | { readonly kind: 'configuration-changed'; readonly configuration: Configuration }
  /** The state came from the leader: what lies between isn't known here. */
  | { readonly kind: 'state-received'; readonly index: number }
  | { readonly kind: 'paused'; readonly pauseMs: number }
  | { readonly kind: 'disk-slow'; readonly waitMs: number; readonly handedTo: NodeId };

/** Changes of locks by one log entry. */
export type IndexedEvents = { readonly index: number; readonly events: readonly LockEvent[] };

/**
 * What a turn wants done. Order: send the messages; begin to write `persist`, and say persisted()
 * once it is durable; hand out the rest.
 */
export type ReplicaOutput = {
  readonly messages: readonly Message[];
  readonly persist: PersistBatch | null;
  readonly frames: readonly StreamFrame[];
  readonly ends: readonly StreamEnd[];
  readonly answers: readonly { readonly call: CallId; readonly answer: CallAnswer }[];
  readonly events: readonly IndexedEvents[];
  readonly notices: readonly ReplicaNotice[];
};

/** A state received from the leader, whole and checked. */
export type ReceivedSnapshot = { readonly message: Message; readonly machine: LockMachine };
