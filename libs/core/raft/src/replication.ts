/**
 * What a leader sends to its followers and makes of their answers (paper, 5.3 and 5.4.2;
 * dissertation, 10.2 for sending before the own write has ended).
 *
 * Sending happens in one place, collectMessages(), once per ready(): all entries of one turn leave
 * as one message per follower. Everything else only notes what is due.
 *
 * Next: membership.ts.
 */

import { entryBytes, unknownTerm } from './log.ts';
import { continueChange } from './membership.ts';
import { type Message, MessageKind } from './messages.ts';
import type { NodeState } from './node-state.ts';
import type { Progress } from './progress.ts';
import { quorumValue } from './quorum.ts';
import { confirmReads, startReadRound } from './reads.ts';
import { continueTransfer } from './transfer.ts';
import type { Entry } from './types.ts';

/** Fills the outbox with what the followers are due. */
export function collectMessages(node: NodeState): void {
  if (!node.isLeader) return;
  const newRound = startReadRound(node);
  for (const peer of node.peers) {
    const appended = sendAppends(node, peer);
    if (!appended && (peer.heartbeatDue || newRound)) sendHeartbeat(node, peer);
    peer.heartbeatDue = false;
  }
}

/** True when collectMessages would send something. */
export function hasMessagesDue(node: NodeState): boolean {
  if (!node.isLeader) return false;
  if (node.reads.waitsForRound && node.hasCommittedInTerm) return true;
  for (const peer of node.peers) {
    if (peer.heartbeatDue || appendIsDue(node, peer)) return true;
  }
  return false;
}

export function tickHeartbeat(node: NodeState): void {
  node.heartbeatElapsed += 1;
  const beat = node.heartbeatElapsed >= node.settings.heartbeatTicks;
  if (beat) node.heartbeatElapsed = 0;
  for (const peer of node.peers) {
    // A commit travels with the next append. Where none follows, it isn't kept longer than a tick.
    if (beat || peer.commitSent < commitFor(node, peer)) peer.heartbeatDue = true;
  }
}

export function handleAppendResponse(node: NodeState, message: Message): void {
  const peer = node.peer(message.from);
  if (peer === undefined) return;
  noteActivity(node, peer, message);
  if (message.reject) handleRefusal(node, peer, message);
  else handleMatch(node, peer, message.index);
}

export function handleHeartbeatResponse(node: NodeState, message: Message): void {
  const peer = node.peer(message.from);
  if (peer === undefined) return;
  noteActivity(node, peer, message);
  peer.probeSent = false;
  if (peer.state === 'replicate' && peer.inflight.full()) peer.inflight.freeOldest();
  // It is there but lacks something: an append, if only an empty one, shows what got lost.
  if (peer.match < node.log.lastIndex) peer.appendDue = true;
}

/** After answers, and after the own write. Counts only entries of the own term (paper, 5.4.2). */
export function advanceCommit(node: NodeState): void {
  if (!node.isLeader) return;
  const before = node.log.commit;
  const index = Math.min(quorumValue(node.configuration, node.durableIndexOf), node.log.lastIndex);
  if (index <= before || node.log.termAt(index) !== node.term) return;
  node.log.commitTo(index);
  node.uncommittedBytes -= node.log.bytesBetween(before, index);
  continueChange(node);
}

export function reportUnreachable(node: NodeState, id: number): void {
  const peer = node.peer(id);
  if (peer?.state === 'replicate') peer.becomeProbe(peer.match + 1);
}

/** The transfer of a snapshot has ended. What it changed is told by the member's next answer. */
export function reportSnapshot(node: NodeState, id: number, arrived: boolean): void {
  const peer = node.peer(id);
  if (peer?.state !== 'snapshot') return;
  peer.becomeProbe(arrived ? peer.snapshotIndex + 1 : peer.match + 1);
  peer.probeSent = true;
}

function noteActivity(node: NodeState, peer: Progress, message: Message): void {
  peer.recentlyActive = true;
  if (message.readSequence <= peer.readSequence) return;
  peer.readSequence = message.readSequence;
  confirmReads(node);
}

function handleMatch(node: NodeState, peer: Progress, index: number): void {
  if (index > node.log.lastIndex) return;
  const rose = peer.matched(index);
  switch (peer.state) {
    case 'probe':
      if (rose || index === peer.match) peer.becomeReplicate();
      break;
    case 'replicate':
      peer.inflight.freeUpTo(index);
      break;
    case 'snapshot':
      // Also when it caught up in another way: what follows is in the log again.
      if (node.log.termAt(peer.match) !== unknownTerm) peer.becomeReplicate();
      break;
  }
  if (!rose) return;
  advanceCommit(node);
  continueTransfer(node, peer);
}

function handleRefusal(node: NodeState, peer: Progress, message: Message): void {
  if (peer.state === 'snapshot' || message.index <= peer.match) return;
  if (peer.state === 'probe' && message.index !== peer.next - 1) return;
  const agreed = node.log.lastIndexOfTermAtMost(message.hintIndex, message.hintTerm);
  peer.becomeProbe(Math.min(message.index, agreed + 1));
}

function appendIsDue(node: NodeState, peer: Progress): boolean {
  if (!peer.mayAppend()) return false;
  if (node.log.termAt(peer.next - 1) === unknownTerm) return maySendSnapshot(node, peer);
  return peer.appendDue || peer.state === 'probe' || peer.next <= node.log.lastIndex;
}

/** True when at least one append left. */
function sendAppends(node: NodeState, peer: Progress): boolean {
  let sent = false;
  while (appendIsDue(node, peer)) {
    if (node.log.termAt(peer.next - 1) === unknownTerm) {
      sendSnapshot(node, peer);
      return sent;
    }
    sendAppend(node, peer);
    sent = true;
  }
  return sent;
}

function sendAppend(node: NodeState, peer: Progress): void {
  const previous = peer.next - 1;
  const entries = node.log.entriesFrom(peer.next, node.settings.appendBytesMax);
  const message = node.draft(MessageKind.Append, peer.id);
  message.index = previous;
  message.logTerm = node.log.termAt(previous);
  message.entries = entries;
  message.commit = node.log.commit;
  message.readSequence = node.reads.sequence;
  peer.appendDue = false;
  peer.commitSent = Math.min(node.log.commit, previous + entries.length);
  if (entries.length > 0 || peer.state === 'probe') {
    peer.sent(previous + entries.length, totalBytes(entries));
  }
  node.send(message);
}

function sendHeartbeat(node: NodeState, peer: Progress): void {
  const message = node.draft(MessageKind.Heartbeat, peer.id);
  message.commit = commitFor(node, peer);
  message.readSequence = node.reads.sequence;
  peer.commitSent = Math.max(peer.commitSent, message.commit);
  node.send(message);
}

/** Not to somebody who seems to be gone: a snapshot is dear. */
function maySendSnapshot(node: NodeState, peer: Progress): boolean {
  return peer.recentlyActive && node.ownSnapshot !== null;
}

function sendSnapshot(node: NodeState, peer: Progress): void {
  const { ownSnapshot } = node;
  if (ownSnapshot === null) return;
  const message = node.draft(MessageKind.Snapshot, peer.id);
  message.snapshot = ownSnapshot;
  peer.becomeSnapshot(ownSnapshot.index);
  node.send(message);
}

/** Never beyond what the member is known to have. */
function commitFor(node: NodeState, peer: Progress): number {
  return Math.min(node.log.commit, peer.match);
}

function totalBytes(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += entryBytes(entry);
  return bytes;
}
