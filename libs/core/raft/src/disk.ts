/**
 * The way to the disk and back: what is written next, and what may happen once it is durable.
 *
 * Next: raft.ts.
 */
import { assert } from '@windlass/base';
import { countOwnVote } from './election.ts';
import type { MessageDraft } from './messages.ts';
import type { NodeState } from './node-state.ts';
import { advanceCommit } from './replication.ts';
import type { HardState, PersistBatch } from './types.ts';

/** Null while a write is running, or where nothing needs one. */
export function nextBatch(node: NodeState): PersistBatch | null {
  if (node.outstanding !== null || !node.needsWrite()) return null;
  const batch = {
    hardState: changedHardState(node),
    entries: node.log.takeUnwritten(),
    snapshot: node.receivedSnapshot,
  };
  node.receivedSnapshot = null;
  node.outstanding = batch;
  node.heldForWrite = node.heldForNextWrite;
  node.heldForNextWrite = [];
  return batch;
}

/** The outstanding batch is durable. */
export function batchWritten(node: NodeState): void {
  const { outstanding } = node;
  assert(outstanding !== null, 'something is being written');
  node.outstanding = null;
  node.log.written();
  if (outstanding.hardState !== null) {
    node.durableTerm = outstanding.hardState.term;
    node.durableVote = outstanding.hardState.votedFor;
  }
  if (outstanding.snapshot !== null) node.ownSnapshot = outstanding.snapshot;
  const held = node.heldForWrite;
  node.heldForWrite = [];
  release(node, held);
  countOwnVote(node);
  advanceCommit(node);
}

/** A promise of an older term is of no use to anybody any more. */
function release(node: NodeState, held: readonly MessageDraft[]): void {
  for (const message of held) if (message.term === node.term) node.send(message);
}

/** The commit index is written along, never alone. */
function changedHardState(node: NodeState): HardState | null {
  const { term, votedFor } = node;
  const { commit } = node.log;
  if (term === node.givenTerm && votedFor === node.givenVote && commit === node.givenCommit) {
    return null;
  }
  node.givenTerm = term;
  node.givenVote = votedFor;
  node.givenCommit = commit;
  return { term, votedFor, commit };
}
