/**
 * What a leader knows of one other member, and how much it may send there.
 *
 * - probe: the place where the logs agree is being looked for, one append at a time
 * - replicate: appends follow one another without waiting, within the bounds of the inflight window
 * - snapshot: a snapshot is on its way, nothing else is sent
 *
 * Next: replication.ts.
 */
import { unreachable } from '@windlass/base';
import { InflightWindow } from './inflight.ts';
import type { NodeId, ProgressView, RaftSettings } from './types.ts';

export class Progress {
  readonly id: NodeId;
  /** Highest index known to be durable there. */
  match = 0;
  /** Next index to send. Invariant: match < next. */
  next: number;
  state: ProgressView['state'] = 'probe';
  /** Heard of since the last check of the quorum. */
  recentlyActive = true;
  /** Probe only: an append is out, the next one waits for an answer. */
  probeSent = false;
  /** Snapshot only: the index of the snapshot that is on its way. */
  snapshotIndex = 0;
  /** Newest confirmation round that the member has answered. */
  readSequence = 0;
  /** Commit index that was sent last. */
  commitSent = 0;
  /** A heartbeat goes out with the next ready(), unless an append does. */
  heartbeatDue = false;
  /** An append goes out even when it is empty: its answer tells whether anything got lost. */
  appendDue = false;
  readonly inflight: InflightWindow;

  constructor(id: NodeId, next: number, settings: RaftSettings) {
    this.id = id;
    this.next = next;
    this.inflight = new InflightWindow(settings.inflightMessagesMax, settings.inflightBytesMax);
  }

  becomeProbe(next: number): void {
    this.state = 'probe';
    this.next = Math.max(next, this.match + 1);
    this.probeSent = false;
    this.snapshotIndex = 0;
    this.inflight.clear();
  }

  becomeReplicate(): void {
    this.state = 'replicate';
    this.next = this.match + 1;
    this.probeSent = false;
    this.snapshotIndex = 0;
    this.inflight.clear();
  }

  becomeSnapshot(index: number): void {
    this.state = 'snapshot';
    this.snapshotIndex = index;
    this.next = index + 1;
    this.probeSent = false;
    this.inflight.clear();
  }

  /** An append with entries has left. */
  sent(lastIndex: number, bytes: number): void {
    if (this.state === 'replicate') {
      this.next = lastIndex + 1;
      this.inflight.add(lastIndex, bytes);
    } else {
      this.probeSent = true;
    }
  }

  /** True when it rose. */
  matched(index: number): boolean {
    if (index <= this.match) return false;
    this.match = index;
    this.next = Math.max(this.next, index + 1);
    return true;
  }

  mayAppend(): boolean {
    switch (this.state) {
      case 'probe':
        return !this.probeSent;
      case 'replicate':
        return !this.inflight.full();
      case 'snapshot':
        return false;
      default:
        return unreachable(this.state);
    }
  }

  view(): ProgressView {
    const { id, match, next, state, recentlyActive } = this;
    return { id, match, next, state, recentlyActive };
  }
}
