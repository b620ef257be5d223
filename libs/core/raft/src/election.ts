/**
 * Elections (paper, 5.2 and 5.4.1) with a pre-vote round (dissertation, 9.6), so that a node that
 * can't win raises nobody's term, and with a quorum check (dissertation, 6.2), so that a leader
 * without followers ends.
 *
 * Next: following.ts.
 */
import { isVoter, memberIds } from './configuration.ts';
import { type Message, MessageKind } from './messages.ts';
import type { NodeState } from './node-state.ts';
import { appendOwn } from './own-entries.ts';
import { quorumValue, voteOutcome } from './quorum.ts';
import { becomeCandidate, becomeFollower, becomeLeader, becomePreCandidate } from './roles.ts';
import { EntryKind, type NodeId, RaftRole } from './types.ts';

const noData = new Uint8Array(0);

/** Stands for election, if this node may and isn't the leader. */
export function campaign(node: NodeState): void {
  if (node.isLeader || !node.isPromotable) return;
  becomePreCandidate(node);
  askForVotes(node);
  countVotes(node);
}

/** The leader asked for it: no pre-vote, and nobody's loyalty to the leader hinders. */
export function campaignForTransfer(node: NodeState): void {
  if (node.isLeader || !node.isPromotable) return;
  becomeCandidate(node, true);
  askForVotes(node);
}

/** The own vote of this term has become durable: now it counts. */
export function countOwnVote(node: NodeState): void {
  if (node.role !== RaftRole.Candidate) return;
  if (node.durableTerm !== node.term || node.durableVote !== node.id) return;
  node.votes.set(node.id, true);
  countVotes(node);
}

export function tickElection(node: NodeState): void {
  node.electionElapsed += 1;
  if (node.electionElapsed < node.electionTimeout || !node.isPromotable) return;
  campaign(node);
}

/** A leader that no quorum has answered for a whole election timeout ends. */
export function checkQuorum(node: NodeState): void {
  const active = quorumValue(node.configuration, node.activityOf) > 0;
  for (const peer of node.peers) peer.recentlyActive = false;
  if (!active) becomeFollower(node, node.term, 0);
}

/**
 * A leader was heard within the shortest election timeout: who else asks for votes is mistaken. The
 * leader itself isn't: it has lost its leadership, by a restart for example.
 */
export function isLoyal(node: NodeState, candidate: NodeId): boolean {
  const { leader, electionElapsed, settings } = node;
  return leader !== 0 && leader !== candidate && electionElapsed < settings.electionTicks;
}

/** The message's term is the one that the sender would stand in; it changes nothing here. */
export function handlePreVote(node: NodeState, message: Message): void {
  if (isLoyal(node, message.from)) return;
  const granted = message.term > node.term && isUpToDate(node, message);
  const answer = node.draft(MessageKind.PreVoteResponse, message.from);
  answer.reject = !granted;
  answer.term = granted ? message.term : node.term;
  node.send(answer);
}

/** The message is of this node's term: step() has seen to that. */
export function handleVote(node: NodeState, message: Message): void {
  const free =
    node.votedFor === message.from ||
    (node.votedFor === 0 && node.leader === 0) ||
    node.bugs.voteTwice === true;
  const granted = free && isUpToDate(node, message);
  const answer = node.draft(MessageKind.VoteResponse, message.from);
  answer.reject = !granted;
  if (granted) {
    node.votedFor = message.from;
    node.electionElapsed = 0;
  }
  node.hold(answer);
}

export function handleVoteResponse(node: NodeState, message: Message): void {
  if (!node.votes.has(message.from)) node.votes.set(message.from, !message.reject);
  countVotes(node);
}

/** Paper, 5.4.1: the later last term wins; with equal terms, the longer log. */
function isUpToDate(node: NodeState, message: Message): boolean {
  const { lastTerm, lastIndex } = node.log;
  return message.logTerm > lastTerm || (message.logTerm === lastTerm && message.index >= lastIndex);
}

function askForVotes(node: NodeState): void {
  const preVote = node.role === RaftRole.PreCandidate;
  for (const id of memberIds(node.configuration)) {
    if (id === node.id || !isVoter(node.configuration, id)) continue;
    const request = node.draft(preVote ? MessageKind.PreVote : MessageKind.Vote, id);
    request.index = node.log.lastIndex;
    request.logTerm = node.log.lastTerm;
    request.transfer = node.transferElection;
    if (preVote) {
      request.term = node.term + 1;
      node.send(request);
    } else {
      // Once it has left, this node must never forget that it stood in this term with this log.
      node.hold(request);
    }
  }
}

function countVotes(node: NodeState): void {
  switch (voteOutcome(node.configuration, node.voteOf)) {
    case 'won':
      if (node.role === RaftRole.PreCandidate) {
        becomeCandidate(node, false);
        askForVotes(node);
      } else {
        becomeLeader(node);
        appendOwn(node, EntryKind.Empty, noData);
      }
      return;
    case 'lost':
      becomeFollower(node, node.term, 0);
      return;
    case 'pending':
  }
}
