/**
 * The loop that turns a replica: whatever the sockets and the disk brought in one turn of the
 * event loop is one turn of the replica, and what that wants done goes out.
 *
 * One write is under way at a time, and while it runs the rest collects. A write that fails is
 * never tried again: what the disk then holds is unknown, so the process ends.
 */
import type { Clock } from '@windlass/base';
import type { LockReplica, ReplicaOutput } from '@windlass/lock-replica';
import type { Message, PersistBatch } from '@windlass/raft';

export type NodeLoopParts = {
  readonly replica: LockReplica;
  readonly clock: Clock;
  /** Length of one tick of Raft: the loop turns at least so often. */
  readonly tickMs: number;
  readonly send: (messages: readonly Message[]) => void;
  /** Resolves once the batch is durable; rejects for good. */
  readonly persist: (batch: PersistBatch) => Promise<void>;
  /** A batch is durable, and the replica knows. */
  readonly written: (batch: PersistBatch) => void;
  /** Frames, ends, answers, events and notices. */
  readonly handOut: (output: ReplicaOutput) => void;
  /** The process can't go on. */
  readonly fail: (error: unknown) => void;
};

export type NodeLoop = {
  /** Something came in: a turn follows when the event loop has read all there is. */
  readonly wake: () => void;
  /** Resolves when no write is under way any more. */
  readonly stop: () => Promise<void>;
};

export function startNodeLoop(parts: NodeLoopParts): NodeLoop {
  const { clock, fail, handOut, persist, replica, send, tickMs, written } = parts;
  let scheduled = false;
  let stopped = false;
  let writing: Promise<void> = Promise.resolve();

  const wake = () => {
    if (scheduled || stopped) return;
    scheduled = true;
    setImmediate(turn);
  };

  function turn(): void {
    scheduled = false;
    if (stopped) return;
    try {
      const output = replica.turn(clock.monotonicMs());
      if (output.messages.length > 0) send(output.messages);
      if (output.persist !== null) writing = write(output.persist);
      handOut(output);
    } catch (error) {
      stopped = true;
      fail(error);
    }
  }

  async function write(batch: PersistBatch): Promise<void> {
    try {
      await persist(batch);
      replica.persisted();
      written(batch);
      wake();
    } catch (error) {
      stopped = true;
      fail(error);
    }
  }

  const ticker = setInterval(wake, tickMs);
  return {
    wake,
    stop: async () => {
      clearInterval(ticker);
      stopped = true;
      await writing;
    },
  };
}
