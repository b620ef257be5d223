/**
 * What a follower does with the leader's messages (paper, 5.3 and section 7). Answers that say
 * "this is on my disk" are held until it is.
 *
 * Next: replication.ts.
 */
import { assert } from '@windlass/base';
import { adoptEntries } from './adopt-entries.ts';
import { type Message, MessageKind } from './messages.ts';
import type { NodeState } from './node-state.ts';
import { becomeFollower } from './roles.ts';
import { RaftRole } from './types.ts';

/** There is one leader in a term, and this is it. */
export function followLeader(node: NodeState, message: Message): void {
  assert(!node.isLeader || node.isFaulty, 'a term has one leader');
  if (node.role === RaftRole.Follower && node.leader === message.from) node.electionElapsed = 0;
  else becomeFollower(node, message.term, message.from);
}

export function handleAppend(node: NodeState, message: Message): void {
  const { log } = node;
  if (message.index < log.commit) {
    // Old news. What is committed is the same everywhere, so the leader may go on from there.
    acknowledge(node, message, log.commit);
    return;
  }
  if (log.termAt(message.index) !== message.logTerm) {
    refuse(node, message);
    return;
  }
  const { entries } = message;
  const known = log.countKnown(entries);
  const firstNew = entries[known];
  if (firstNew !== undefined) {
    if (firstNew.index <= log.lastIndex) {
      log.truncateFrom(firstNew.index);
      node.configurations.truncateFrom(firstNew.index);
    }
    const added = known === 0 ? entries : entries.slice(known);
    for (const entry of added) log.append(entry);
    adoptEntries(node.configurations, added);
  }
  const lastNew = message.index + entries.length;
  log.commitTo(Math.min(message.commit, lastNew));
  acknowledge(node, message, lastNew);
}

/** The leader never tells of a commit beyond what it knows this node to have. */
export function handleHeartbeat(node: NodeState, message: Message): void {
  node.log.commitTo(message.commit);
  const answer = node.draft(MessageKind.HeartbeatResponse, message.from);
  answer.readSequence = message.readSequence;
  node.send(answer);
}

/** Stepped once the state has arrived. A snapshot that brings nothing new is ignored. */
export function handleSnapshot(node: NodeState, message: Message): void {
  const { snapshot } = message;
  if (snapshot === null) return;
  const { log } = node;
  if (snapshot.index > log.commit) {
    if (log.termAt(snapshot.index) === snapshot.term) {
      log.commitTo(snapshot.index);
    } else {
      log.restore(snapshot);
      node.configurations.restore(snapshot.index, snapshot.configuration);
      node.receivedSnapshot = snapshot;
    }
  }
  acknowledge(node, message, log.commit);
}

function acknowledge(node: NodeState, message: Message, index: number): void {
  const answer = node.draft(MessageKind.AppendResponse, message.from);
  answer.index = index;
  answer.readSequence = message.readSequence;
  node.hold(answer);
}

/**
 * With the last place where the logs may agree: of this log's entries the last one whose term isn't
 * beyond the leader's there. Whole terms are skipped that way. Refusing promises nothing.
 */
function refuse(node: NodeState, message: Message): void {
  const { log } = node;
  const answer = node.draft(MessageKind.AppendResponse, message.from);
  answer.reject = true;
  answer.index = message.index;
  answer.hintIndex = log.lastIndexOfTermAtMost(
    Math.min(message.index, log.lastIndex),
    message.logTerm,
  );
  answer.hintTerm = Math.max(log.termAt(answer.hintIndex), 0);
  answer.readSequence = message.readSequence;
  node.send(answer);
}
