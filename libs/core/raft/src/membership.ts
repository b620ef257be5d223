/**
 * Membership changes by joint consensus (paper, section 6; dissertation, chapter 4). A change
 * counts as soon as it is in the log. Once a joint configuration is committed the leader goes on to
 * the new one by itself; a leader that isn't part of that ends when it is committed.
 *
 * Next: reads.ts.
 */
import { fail, ok, type Result } from '@windlass/base';
import { changeConfiguration, isJoint, isVoter, leaveJoint, memberIds } from './configuration.ts';
import { MessageKind } from './messages.ts';
import type { NodeState } from './node-state.ts';
import { appendOwn } from './own-entries.ts';
import { Progress } from './progress.ts';
import { confirmReads } from './reads.ts';
import { becomeFollower } from './roles.ts';
import { mostAdvancedVoter } from './transfer.ts';
import {
  type Configuration,
  type ConfigurationChange,
  EntryKind,
  ProposalRefusal,
} from './types.ts';
import { encodeConfiguration } from './wire-configuration.ts';

export function proposeConfiguration(
  node: NodeState,
  changes: readonly ConfigurationChange[],
): Result<{ readonly index: number; readonly term: number }, ProposalRefusal> {
  if (!node.isLeader) return fail(ProposalRefusal.NotLeader);
  if (node.transferee !== 0) return fail(ProposalRefusal.Transferring);
  // Before an entry of its own term is committed, a leader can't know whether an older change is
  // still under way (Ongaro's correction of single-server changes, 2015).
  const pending =
    isJoint(node.configuration) ||
    node.configurations.currentIndex > node.log.commit ||
    !node.hasCommittedInTerm;
  if (pending) return fail(ProposalRefusal.ConfigurationPending);
  const changed = changeConfiguration(node.configuration, changes);
  if (!changed.ok) return changed;
  appendConfiguration(node, changed.value);
  return ok({ index: node.log.lastIndex, term: node.term });
}

/** What a leader does after its commit index rose. */
export function continueChange(node: NodeState): void {
  if (node.configurations.currentIndex > node.log.commit) return;
  if (isJoint(node.configuration)) appendConfiguration(node, leaveJoint(node.configuration));
  else if (!isVoter(node.configuration, node.id)) handOver(node);
}

function appendConfiguration(node: NodeState, configuration: Configuration): void {
  appendOwn(node, EntryKind.Configuration, encodeConfiguration(configuration));
  node.configurations.adopt(node.log.lastIndex, configuration);
  const wanted = memberIds(configuration).filter((id) => id !== node.id);
  node.peers = wanted.map(
    (id) => node.peer(id) ?? new Progress(id, node.log.lastIndex, node.settings),
  );
  if (!isVoter(configuration, node.transferee)) node.transferee = 0;
  // A smaller quorum may have answered already.
  confirmReads(node);
}

/** A leader that removed itself doesn't leave the others to a timeout. */
function handOver(node: NodeState): void {
  const heir = mostAdvancedVoter(node);
  if (heir !== null) node.send(node.draft(MessageKind.TimeoutNow, heir.id));
  becomeFollower(node, node.term, 0);
}
