/**
 * Reads without a log entry (dissertation, 6.4): the leader notes its commit index, and once a
 * quorum has confirmed its term after that, whoever has applied that index may answer. A leader
 * knows what is committed only after an entry of its own term is; reads asked for earlier wait.
 */
import { fail, ok, type Result } from '@windlass/base';
import type { NodeState } from './node-state.ts';
import { quorumValue } from './quorum.ts';
import { ProposalRefusal } from './types.ts';

export function readIndex(node: NodeState): Result<number, ProposalRefusal> {
  return node.isLeader ? ok(node.reads.ask()) : fail(ProposalRefusal.NotLeader);
}

/** True when a round began, which a message to every member has to carry. */
export function startReadRound(node: NodeState): boolean {
  if (!node.reads.waitsForRound || !node.hasCommittedInTerm) return false;
  node.reads.startRound(node.log.commit);
  confirmReads(node);
  return true;
}

export function confirmReads(node: NodeState): void {
  if (!node.reads.hasRounds) return;
  node.reads.confirm(quorumValue(node.configuration, node.readSequenceOf));
}
