/** Which timers this library has running: those set from its files, tests left out. */

export type OwnTimers = {
  /** Where each running timer was set. */
  readonly pending: () => readonly string[];
  readonly restore: () => void;
};

export function followOwnTimers(): OwnTimers {
  const original = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const pending = new Map<unknown, string>();
  const set = (run: (...values: unknown[]) => void, delayMs?: number, ...values: unknown[]) => {
    const timer = original.setTimeout(() => {
      pending.delete(timer);
      run(...values);
    }, delayMs);
    const place = ownPlace(new Error('place').stack ?? '');
    if (place !== null) pending.set(timer, place);
    return timer;
  };
  Object.assign(globalThis, { setTimeout: Object.assign(set, original.setTimeout) });
  globalThis.clearTimeout = (timer) => {
    pending.delete(timer);
    original.clearTimeout(timer);
  };
  return {
    pending: () => [...pending.values()],
    restore: () => void Object.assign(globalThis, original),
  };
}

/** The line that set it, where that is one of the library's own. */
function ownPlace(stack: string): string | null {
  const caller = stack.split('\n')[2] ?? '';
  const own = caller.includes('/adapters/kube/src/') && !/\.test\.ts|\/testing\//.test(caller);
  return own ? caller.trim() : null;
}
