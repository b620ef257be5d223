/**
 * The only place where role, term and vote change.
 *
 *   follower ──no leader heard──► pre-candidate ──would win──► candidate ──majority──► leader
 *      ▲  ▲                          │                            │                      │
 *      │  └────────lost, or a leader is heard─────────────────────┘                      │
 *      └──a newer term, no quorum answers, or removed────────────────────────────────────┘
 *
 * A leader's TimeoutNow takes a follower to candidate directly.
 *
 * Next: election.ts.
 */
import { assert } from '@windlass/base';
import { memberIds } from './configuration.ts';
import type { NodeState } from './node-state.ts';
import { Progress } from './progress.ts';
import { type NodeId, RaftRole } from './types.ts';

/** @param leader 0 where none is known */
export function becomeFollower(node: NodeState, term: number, leader: NodeId): void {
  enterTerm(node, term);
  leaveRole(node);
  node.role = RaftRole.Follower;
  node.leader = leader;
}

/** Term and vote stay: nothing is promised yet (dissertation, 9.6). */
export function becomePreCandidate(node: NodeState): void {
  assert(node.role !== RaftRole.Leader, 'a leader needs no election');
  leaveRole(node);
  node.role = RaftRole.PreCandidate;
  node.leader = 0;
  node.votes.set(node.id, true);
}

/** The own vote counts once it is durable. */
export function becomeCandidate(node: NodeState, transfer: boolean): void {
  assert(node.role !== RaftRole.Leader, 'a leader needs no election');
  assert(node.isPromotable, 'only voters stand for election');
  enterTerm(node, node.term + 1);
  leaveRole(node);
  node.role = RaftRole.Candidate;
  node.leader = 0;
  node.votedFor = node.id;
  node.transferElection = transfer;
}

/** The caller appends the empty entry of the new term. */
export function becomeLeader(node: NodeState): void {
  assert(node.role === RaftRole.Candidate, 'only a candidate wins an election');
  const ownVote = node.durableTerm === node.term && node.durableVote === node.id;
  assert(ownVote || node.isFaulty, 'its own vote is on disk');
  leaveRole(node);
  node.role = RaftRole.Leader;
  node.leader = node.id;
  node.heartbeatElapsed = 0;
  node.uncommittedBytes = node.log.bytesBetween(node.log.commit, node.log.lastIndex);
  node.peers = memberIds(node.configuration)
    .filter((id) => id !== node.id)
    .map((id) => new Progress(id, node.log.lastIndex + 1, node.settings));
}

function enterTerm(node: NodeState, term: number): void {
  assert(term >= node.term, 'terms never fall');
  if (term === node.term) return;
  node.term = term;
  node.votedFor = 0;
}

function leaveRole(node: NodeState): void {
  if (node.role === RaftRole.Leader) node.reads.lose();
  node.peers = [];
  node.votes.clear();
  node.transferElection = false;
  node.transferee = 0;
  node.transferElapsed = 0;
  node.electionElapsed = 0;
  node.electionTimeout = node.drawElectionTimeout();
}
