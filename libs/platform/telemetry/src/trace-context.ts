/**
 * The W3C trace context (Trace Context, level 1) of what runs now. It is carried with the
 * asynchronous calls whether traces are exported or not, so that a message always says which
 * request it belongs to.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage<string | null>();

const traceparentForm = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The traceparent of what runs now: 55 characters, or null outside of any trace. */
export function currentTraceparent(): string | null {
  return storage.getStore() ?? null;
}

/**
 * Runs the function, and everything it starts, under a traceparent from outside. One that is not
 * well formed counts as none.
 */
export function runWithTraceparent<Value>(
  traceparent: string | null | undefined,
  run: () => Value,
): Value {
  return storage.run(validTraceparent(traceparent), run);
}

/** The traceparent itself where it is well formed (version 00, no zero ids), else null. */
export function validTraceparent(traceparent: string | null | undefined): string | null {
  return typeof traceparent === 'string' && traceparentForm.test(traceparent) ? traceparent : null;
}
