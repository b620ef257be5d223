/**
 * Streams of changes that outlive their connections: Watch and Observe. Broken off, they are asked
 * for again at the next node.
 */
import { backoffDelayMs } from '@windlass/base';
import { addressOf, isPassing, lockErrorOfFailure, type NodeCalls, pause } from './call-node.ts';
import { LockError } from './lock-error.ts';
import { failureBackoff, watchGiveUpMs } from './session/limits.ts';
import { failureOf } from './transport.ts';

export type Followed = {
  readonly path: string;
  /** As it is asked for now: after a break, from where it broke. */
  readonly request: () => Uint8Array;
  /** Silence after which the connection counts as dead; Infinity where silence is normal. */
  readonly silenceMs: number;
  readonly signal: AbortSignal | undefined;
};

/**
 * Messages of all connections, one after the other. Ends when the caller's signal aborts.
 *
 * @throws LockError where no node serves it
 */
export async function* follow(
  calls: NodeCalls,
  { path, request, signal, silenceMs }: Followed,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { closing, surroundings, transport } = calls;
  const over = signal === undefined ? closing : AbortSignal.any([closing, signal]);
  let failures = 0;
  let servedMs = surroundings.nowMs();
  while (!over.aborted) {
    const stream = transport.stream(addressOf(calls, failures + 1), path, request());
    over.addEventListener('abort', stream.cancel, { once: true });
    const silence = silenceAlarm(surroundings, silenceMs, stream.cancel);
    let cause: unknown = null;
    try {
      for await (const message of stream.messages) {
        silence.stop();
        failures = 0;
        servedMs = surroundings.nowMs();
        yield message;
        silence.start();
      }
    } catch (error) {
      cause = error;
    } finally {
      // Also where the caller leaves its loop.
      silence.stop();
      over.removeEventListener('abort', stream.cancel);
      stream.cancel();
    }
    failures += 1;
    if (over.aborted) break;
    const failure = failureOf(cause);
    const isRefused = failure.code !== null && !isPassing(failure);
    if (isRefused && failure.code !== 'ResourceExhausted') throw lockErrorOfFailure(failure);
    if (surroundings.nowMs() - servedMs > watchGiveUpMs) throw lockErrorOfFailure(failure);
    await pause(surroundings, backoffDelayMs(failures, failureBackoff, surroundings.random), over);
  }
  if (closing.aborted) throw new LockError('Closed', 'the client is closed');
}

function silenceAlarm({ after }: NodeCalls['surroundings'], silenceMs: number, alarm: () => void) {
  let stop: (() => void) | null = null;
  const start = () => {
    if (silenceMs !== Number.POSITIVE_INFINITY) stop = after(silenceMs, alarm);
  };
  start();
  return {
    start,
    stop: () => {
      stop?.();
      stop = null;
    },
  };
}
