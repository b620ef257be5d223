/**
 * What nodes say to one another. One shape for all kinds, so that the engine keeps one hidden
 * class on the hot path; the comment of a kind says which fields count. On the wire: RaftMessage
 * in proto/windlass/lock/internal/v1/raft.proto.
 */
import type { Entry, NodeId, SnapshotDescription } from './types.ts';

export const MessageKind = {
  /** index and logTerm of the candidate's last entry; term is the one it would stand in. */
  PreVote: 1,
  /** reject. */
  PreVoteResponse: 2,
  /** index and logTerm of the candidate's last entry; transfer. */
  Vote: 3,
  /** reject. */
  VoteResponse: 4,
  /** index and logTerm before the entries; entries; commit; readSequence. */
  Append: 5,
  /**
   * index up to which the log matches and is durable; or reject, with the refused index and, in
   * hintIndex and hintTerm, the last place where the logs may agree; readSequence.
   */
  AppendResponse: 6,
  /** commit (never beyond what the receiver is known to have); readSequence. */
  Heartbeat: 7,
  /** readSequence. */
  HeartbeatResponse: 8,
  /**
   * snapshot. The transport brings the state itself, and steps the message once it has it all. It is
   * answered by an AppendResponse; the sender's owner tells reportSnapshot() how it went.
   */
  Snapshot: 9,
  /** Stand for election at once. */
  TimeoutNow: 10,
} as const;
export type MessageKind = (typeof MessageKind)[keyof typeof MessageKind];

export type Message = {
  readonly kind: MessageKind;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly term: number;
  readonly index: number;
  readonly logTerm: number;
  readonly commit: number;
  readonly entries: readonly Entry[];
  readonly reject: boolean;
  readonly hintIndex: number;
  readonly hintTerm: number;
  /** Number of the leader's newest confirmation round (dissertation, 6.4), echoed by answers. */
  readonly readSequence: number;
  /** The leader itself asked for this election: a lease doesn't hinder it. */
  readonly transfer: boolean;
  readonly snapshot: SnapshotDescription | null;
};

/** While a message is being put together; nobody else has it yet. */
export type MessageDraft = { -readonly [Field in keyof Message]: Message[Field] };

const noEntries: readonly Entry[] = [];

/** A message with everything that its kind doesn't use at 0, false, empty or null. */
export function newMessage(
  kind: MessageKind,
  from: NodeId,
  to: NodeId,
  term: number,
): MessageDraft {
  return {
    kind,
    from,
    to,
    term,
    index: 0,
    logTerm: 0,
    commit: 0,
    entries: noEntries,
    reject: false,
    hintIndex: 0,
    hintTerm: 0,
    readSequence: 0,
    transfer: false,
    snapshot: null,
  };
}
