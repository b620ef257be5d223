/**
 * Handing leadership over (dissertation, 3.10): no new proposals, wait until the target has the
 * whole log, then tell it to stand for election at once. After one election timeout without an end
 * the leader goes on.
 */
import { fail, ok, type Result } from '@windlass/base';
import { MessageKind } from './messages.ts';
import type { NodeState } from './node-state.ts';
import type { Progress } from './progress.ts';
import { type NodeId, ProposalRefusal } from './types.ts';

/** @param to 0 for whoever has most of the log */
export function transferLeadership(node: NodeState, to: NodeId): Result<NodeId, ProposalRefusal> {
  if (!node.isLeader) return fail(ProposalRefusal.NotLeader);
  if (node.transferee !== 0) {
    const same = to === 0 || to === node.transferee;
    return same ? ok(node.transferee) : fail(ProposalRefusal.Transferring);
  }
  const target = to === 0 ? mostAdvancedVoter(node) : votingPeer(node, to);
  if (target === null) return fail(ProposalRefusal.InvalidConfiguration);
  node.transferee = target.id;
  node.transferElapsed = 0;
  continueTransfer(node, target);
  return ok(target.id);
}

/** After each answer of the target. */
export function continueTransfer(node: NodeState, peer: Progress): void {
  if (peer.id !== node.transferee || peer.match !== node.log.lastIndex) return;
  node.send(node.draft(MessageKind.TimeoutNow, peer.id));
}

export function tickTransfer(node: NodeState): void {
  if (node.transferee === 0) return;
  node.transferElapsed += 1;
  if (node.transferElapsed >= node.settings.electionTicks) node.transferee = 0;
}

/** Those heard of lately first; of them the one with the longest log, then the lowest id. */
export function mostAdvancedVoter(node: NodeState): Progress | null {
  let best: Progress | null = null;
  for (const peer of node.peers) {
    if (!node.configuration.voters.includes(peer.id)) continue;
    const better =
      best === null ||
      (peer.recentlyActive && !best.recentlyActive) ||
      (peer.recentlyActive === best.recentlyActive && peer.match > best.match);
    if (better) best = peer;
  }
  return best;
}

function votingPeer(node: NodeState, id: NodeId): Progress | null {
  return node.configuration.voters.includes(id) ? (node.peer(id) ?? null) : null;
}
