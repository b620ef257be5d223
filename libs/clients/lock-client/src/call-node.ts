/** Unary calls, repeated at other nodes while that is safe and there is time. */
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { backoffDelayMs } from '@windlass/base';
import { LockError } from './lock-error.ts';
import { callTryMs, failureBackoff } from './session/limits.ts';
import type { Surroundings } from './surroundings.ts';
import { type CallFailure, failureOf, type Transport } from './transport.ts';

export type NodeCalls = {
  readonly addresses: readonly string[];
  readonly transport: Transport;
  readonly surroundings: Surroundings;
  readonly callDeadlineMs: number;
  /** Aborts when the client is closed. */
  readonly closing: AbortSignal;
  /** Where to begin, or ''. */
  readonly preferred: () => string;
};

/**
 * @param isRepeatable false: an unknown outcome is an error at once
 * @throws LockError
 */
export async function callNode<Method extends DescMethodUnary>(
  calls: NodeCalls,
  method: Method,
  request: MessageInitShape<Method['input']>,
  isRepeatable = true,
): Promise<MessageShape<Method['output']>> {
  const { callDeadlineMs, closing, surroundings, transport } = calls;
  const bytes = messageBytes(method.input, request);
  const endMs = surroundings.nowMs() + callDeadlineMs;
  for (let tries = 1; ; tries += 1) {
    if (closing.aborted) throw new LockError('Closed', 'the client is closed');
    const address = addressOf(calls, tries);
    const remainingMs = endMs - surroundings.nowMs();
    const timeoutMs = isRepeatable ? Math.min(remainingMs, callTryMs) : remainingMs;
    try {
      const answer = await transport.call(address, pathOf(method), bytes, timeoutMs, closing);
      return fromBinary<Method['output']>(method.output, answer);
    } catch (error) {
      const failure = failureOf(error);
      if (closing.aborted) throw new LockError('Closed', 'the client is closed', error);
      const delayMs = backoffDelayMs(tries, failureBackoff, surroundings.random);
      const isLate = surroundings.nowMs() + delayMs >= endMs;
      const mayRepeat = isRepeatable || failure.code === 'NotLeader';
      if (!isPassing(failure) || !mayRepeat || isLate) throw lockErrorOfFailure(failure);
      await pause(surroundings, delayMs, closing);
    }
  }
}

const passingStatuses: ReadonlySet<number> = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
]);

/** True where another node, or the same one later, may answer otherwise. */
export function isPassing({ code, status: grpcStatus }: CallFailure): boolean {
  if (code !== null) return code === 'NotLeader' || code === 'Unavailable';
  return passingStatuses.has(grpcStatus);
}

export function lockErrorOfFailure({ cause, code, message }: CallFailure): LockError {
  return new LockError(code ?? 'Unavailable', message, cause);
}

export function pathOf(method: { readonly name: string; readonly parent: { typeName: string } }) {
  return `/${method.parent.typeName}/${method.name}`;
}

export function messageBytes<Schema extends DescMessage>(
  schema: Schema,
  request: MessageInitShape<Schema>,
): Uint8Array {
  return toBinary(schema, create(schema, request));
}

/** The preferred node first, then all of them in turn. */
export function addressOf({ addresses, preferred }: NodeCalls, tries: number): string {
  const first = preferred();
  if (tries === 1 && first !== '') return first;
  return addresses[(tries - 1) % addresses.length] ?? first;
}

/** Ends early, without an error, when the signal aborts. */
export function pause(
  { after }: Surroundings,
  delayMs: number,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const stop = after(delayMs, () => {
      signal.removeEventListener('abort', aborted);
      resolve();
    });
    function aborted(): void {
      stop();
      resolve();
    }
    signal.addEventListener('abort', aborted, { once: true });
  });
}
