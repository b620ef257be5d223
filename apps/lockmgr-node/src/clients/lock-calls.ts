/**
 * Unary calls between gRPC and the replica: each waits for its answer within its deadline, and
 * leaves the queue when its caller is gone.
 */
import type { CallAnswer, CallRequest } from '@windlass/lock-replica';
import { LockCode } from '@windlass/lock-wire';
import { LockFailure } from '../node/lock-failure.ts';
import type { Membership, RunningMember } from '../peers/membership.ts';
import { unexpected } from './lock-messages.ts';

/** What a call may count on. */
export type CallContext = {
  /** Aborts when the caller is gone, and at its deadline. */
  readonly signal: AbortSignal;
  /** Calls back then, and perhaps also after the answer. */
  readonly onCancelled: (listener: () => void) => void;
};

/**
 * How long a caller waits for a leader while there is none: several elections. It ends earlier by
 * its own deadline.
 */
const leaderWaitMs = 3_000;

/** Between two looks for a leader. */
const leaderLookMs = 20;

export class LockCalls {
  readonly #membership: Membership;
  /** What waits, to be told when this node ends. */
  readonly #waiting = new Set<(failure: LockFailure) => void>();
  #hasEnded = false;

  constructor(membership: Membership) {
    this.#membership = membership;
  }

  /** This node as a member, or UNAVAILABLE. */
  member(): RunningMember {
    const { running } = this.#membership;
    if (running !== null) return running;
    throw new LockFailure(LockCode.Unavailable, 'this node belongs to no cluster yet');
  }

  /** The answer of this node, which leads or refuses. */
  ask(request: CallRequest, { onCancelled }: CallContext): Promise<CallAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#hasEnded) throw nodeEnds();
      let isAnswered = false;
      const cancel = this.member().node.call(request, (answer) => {
        isAnswered = true;
        forget();
        if (answer.kind === 'refused') reject(unexpected(answer));
        else resolve(answer);
      });
      const fail = (failure: LockFailure) => {
        cancel();
        forget();
        reject(failure);
      };
      const forget = this.tellOfEnd(fail);
      onCancelled(() => {
        if (!isAnswered) fail(new LockFailure(LockCode.Cancelled, 'the caller is gone'));
      });
    });
  }

  /** Calls back when this node ends, unless the returned function was called before. */
  tellOfEnd(told: (failure: LockFailure) => void): () => void {
    this.#waiting.add(told);
    return () => void this.#waiting.delete(told);
  }

  /**
   * This node ends: who waits is told at once, and asks another one for the same. Broken off with the
   * connection they would see an error that says nothing.
   */
  end(): void {
    this.#hasEnded = true;
    for (const told of this.#waiting) told(nodeEnds());
  }

  /**
   * Where a call that this node can't answer goes: the leader's address; '' if this node leads by
   * now; UNAVAILABLE after a while without a leader.
   */
  async leaderAddress({ signal }: CallContext): Promise<string> {
    const untilMs = performance.now() + leaderWaitMs;
    for (;;) {
      const { replica } = this.member().node;
      if (replica.isServing) return '';
      const address = replica.leaderAddress;
      if (address !== '' && address !== this.#membership.address) return address;
      if (this.#hasEnded) throw nodeEnds();
      if (signal.aborted || performance.now() > untilMs) {
        throw new LockFailure(LockCode.Unavailable, 'the cluster has no leader');
      }
      await new Promise((resolve) => setTimeout(resolve, leaderLookMs));
    }
  }

  /** Who leads after this node, which hands over; UNAVAILABLE if nobody has taken over. */
  async successor({ signal }: CallContext): Promise<number> {
    const untilMs = performance.now() + leaderWaitMs;
    const { replica } = this.member().node;
    const { id } = replica.raft.status();
    for (;;) {
      const { leader } = replica.raft.status();
      if (leader !== 0 && leader !== id) return leader;
      if (signal.aborted || performance.now() > untilMs) {
        throw new LockFailure(LockCode.Unavailable, 'the leadership was not taken over');
      }
      await new Promise((resolve) => setTimeout(resolve, leaderLookMs));
    }
  }
}

function nodeEnds(): LockFailure {
  return new LockFailure(LockCode.Unavailable, 'this node ends; repeat it at another one');
}
