/**
 * One message: first the rules on terms that hold for all kinds (paper, 5.1), then the kind.
 *
 * Next: election.ts, following.ts, replication.ts.
 */
import { unreachable } from '@windlass/base';
import {
  campaignForTransfer,
  handlePreVote,
  handleVote,
  handleVoteResponse,
  isLoyal,
} from './election.ts';
import { followLeader, handleAppend, handleHeartbeat, handleSnapshot } from './following.ts';
import { type Message, MessageKind } from './messages.ts';
import type { NodeState } from './node-state.ts';
import { handleAppendResponse, handleHeartbeatResponse } from './replication.ts';
import { becomeFollower } from './roles.ts';
import { RaftRole } from './types.ts';

/** Messages to somebody else, as to a former node at this address, are ignored. */
export function step(node: NodeState, message: Message): void {
  if (message.to !== node.id || message.from === node.id) return;
  switch (message.kind) {
    case MessageKind.PreVote:
      handlePreVote(node, message);
      return;
    case MessageKind.PreVoteResponse:
      stepPreVoteResponse(node, message);
      return;
    case MessageKind.Vote:
      // Who was removed, or is cut off from the leader, can't disturb (dissertation, 4.2.3).
      if (message.term > node.term && !message.transfer && isLoyal(node, message.from)) return;
      break;
    default:
  }
  if (message.term < node.term) {
    answerOldTerm(node, message);
    return;
  }
  if (message.term > node.term) becomeFollower(node, message.term, 0);
  stepInTerm(node, message);
}

function stepInTerm(node: NodeState, message: Message): void {
  const { kind } = message;
  switch (kind) {
    case MessageKind.Vote:
      handleVote(node, message);
      return;
    case MessageKind.VoteResponse:
      if (node.role === RaftRole.Candidate) handleVoteResponse(node, message);
      return;
    case MessageKind.Append:
      followLeader(node, message);
      handleAppend(node, message);
      return;
    case MessageKind.Heartbeat:
      followLeader(node, message);
      handleHeartbeat(node, message);
      return;
    case MessageKind.Snapshot:
      followLeader(node, message);
      handleSnapshot(node, message);
      return;
    case MessageKind.AppendResponse:
      if (node.isLeader) handleAppendResponse(node, message);
      return;
    case MessageKind.HeartbeatResponse:
      if (node.isLeader) handleHeartbeatResponse(node, message);
      return;
    case MessageKind.TimeoutNow:
      campaignForTransfer(node);
      return;
    case MessageKind.PreVote:
    case MessageKind.PreVoteResponse:
      return;
    default:
      unreachable(kind);
  }
}

/** A granted one carries the term of an election to come, a refused one that of its sender. */
function stepPreVoteResponse(node: NodeState, message: Message): void {
  if (message.reject && message.term > node.term) {
    becomeFollower(node, message.term, 0);
    return;
  }
  if (node.role !== RaftRole.PreCandidate) return;
  if (!message.reject && message.term !== node.term + 1) return;
  handleVoteResponse(node, message);
}

/** A leader of an older term learns that it isn't one any more; all else is too late. */
function answerOldTerm(node: NodeState, message: Message): void {
  switch (message.kind) {
    case MessageKind.Append:
    case MessageKind.Heartbeat:
    case MessageKind.Snapshot: {
      const answer = node.draft(MessageKind.AppendResponse, message.from);
      answer.reject = true;
      answer.index = message.index;
      node.send(answer);
      return;
    }
    default:
  }
}
