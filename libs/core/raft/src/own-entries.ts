/**
 * What a leader adds to its own log. Sending follows in replication.ts with the next ready(), so
 * that everything of one turn leaves as one message per follower.
 */
import { assert } from '@windlass/base';
import { entryBytes } from './log.ts';
import type { NodeState } from './node-state.ts';
import type { EntryKind } from './types.ts';

export function appendOwn(node: NodeState, kind: EntryKind, data: Uint8Array): void {
  assert(node.isLeader, 'only a leader adds entries');
  const entry = { index: node.log.lastIndex + 1, term: node.term, kind, data };
  node.log.append(entry);
  node.uncommittedBytes += entryBytes(entry);
}
