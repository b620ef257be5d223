/**
 * The life of one component under the supervisor:
 *
 *   waiting → starting → running ⇄ unready
 *                │          │
 *                └──────────┴→ backing-off → waiting …
 *
 * A held one rests in `foreground` or `off`, a stopped one ends in `stopped`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ComponentState, type ComponentStatus } from '../state/state-file.ts';
import { errorMessage } from '../system-errors.ts';
import type { Changes } from './changes.ts';
import type { Component, Exit, Instance } from './component.ts';
import { afterExit, noFailures } from './restart-policy.ts';
import type { SuperviseOptions } from './supervise.ts';

/** How often a starting component is probed: the resolution of its start-up time. */
const startProbeIntervalMs = 50;

export type KeepContext = Omit<SuperviseOptions, 'components' | 'onChange'> & {
  readonly changes: Changes;
  readonly isStopping: () => boolean;
  /** Names of what it needs and isn't ready. */
  readonly missing: () => readonly string[];
  /** True while something that needs it still runs. */
  readonly dependentsLive: () => boolean;
  readonly update: (change: Partial<ComponentStatus>) => void;
};

/** How one run of the component ended. */
type RunEnd =
  | { readonly kind: 'halted' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly reason: string; readonly readyForMs: number | null };

/** Keeps the component running until the supervisor stops. Settles once it's gone. */
export async function keep(component: Component, context: KeepContext): Promise<void> {
  const { changes, isStopping, holdOf, update, note, policy, random } = context;
  let history = noFailures;
  let starts = 0;

  while (!isStopping()) {
    await untilWanted(component, context);
    if (isStopping()) break;

    const end = await runOnce(component, context, starts);
    if (end.kind === 'halted') continue;
    if (end.kind === 'done') {
      await changes.until(isStopping);
      break;
    }
    starts += 1;
    const next = afterExit(history, end.readyForMs, policy, random);
    history = next.history;
    update({
      state: ComponentState.BackingOff,
      process: null,
      startedAtMs: null,
      tookMs: null,
      startFailures: history.startFailures,
      reason: end.reason,
    });
    const afterSeconds = (next.delayMs / 1_000).toFixed(1);
    note(component, `${end.reason}; starts again in ${afterSeconds} s (restart ${starts})`);
    await raceAbort(
      context,
      () => isStopping() || holdOf(component.name) !== null,
      (signal) => sleep(next.delayMs, undefined, { signal }),
    );
  }
  await changes.until(() => !context.dependentsLive());
  update({ state: ComponentState.Stopped, process: null, startedAtMs: null });
}

/** Waits until everything it needs is ready and nobody else looks after it. */
async function untilWanted(component: Component, context: KeepContext): Promise<void> {
  const { changes, isStopping, missing, holdOf, update } = context;
  let shown = '';
  await changes.until(() => {
    const hold = holdOf(component.name);
    const needs = missing();
    const reason = hold?.reason ?? (needs.length > 0 ? `needs ${needs.join(', ')}` : '');
    if (isStopping() || reason === '') return true;
    if (reason !== shown) {
      shown = reason;
      const state = hold?.state ?? ComponentState.Waiting;
      // Later, not within the notification that asks.
      queueMicrotask(() => shown === reason && update({ state, reason, process: null }));
    }
    return false;
  });
  shown = '';
}

/** Starts the component and sees it through to its end. */
async function runOnce(
  component: Component,
  context: KeepContext,
  restarts: number,
): Promise<RunEnd> {
  const { clock, update, note } = context;
  const startedMs = clock.monotonicMs();
  const halted = () => context.isStopping() || context.holdOf(component.name) !== null;
  update({
    state: ComponentState.Starting,
    startedAtMs: clock.nowMs(),
    tookMs: null,
    restarts,
    reason: null,
  });
  let instance: Instance;
  try {
    instance = await abortable(context, halted, (signal) => component.launch(signal));
  } catch (error) {
    if (halted()) return { kind: 'halted' };
    return { kind: 'failed', reason: firstLine(errorMessage(error)), readyForMs: null };
  }
  update({ process: instance.process });
  if (instance.process !== null) note(component, `started, pid ${instance.process.pid}`);

  const exit = instance.exited;
  const becameReady = await untilReady(component, exit, context, halted);
  if (becameReady.kind === 'halted') return halt(instance, context);
  if (becameReady.kind === 'late') {
    await instance.stop();
    const { readyDeadlineMs } = component;
    const reason = `not ready ${readyDeadlineMs / 1_000} s after its start: ${becameReady.reason}`;
    return { kind: 'failed', reason, readyForMs: null };
  }
  const tookMs = Math.round(clock.monotonicMs() - startedMs);
  if (becameReady.kind === 'exited') {
    if (component.runs === 'always' || !becameReady.exit.clean) {
      return { kind: 'failed', reason: becameReady.exit.reason, readyForMs: null };
    }
    update({ state: ComponentState.Done, process: null, tookMs, startFailures: 0 });
    note(component, `done after ${tookMs} ms`);
    return { kind: 'done' };
  }
  const state = component.external ? ComponentState.External : ComponentState.Running;
  update({ state, tookMs, startFailures: 0 });
  note(component, `ready after ${tookMs} ms`);
  const readyMs = clock.monotonicMs();
  const ended = await watch(component, exit, context, halted);
  if (ended === null) return halt(instance, context);
  return { kind: 'failed', reason: ended.reason, readyForMs: clock.monotonicMs() - readyMs };
}

/** Launchers add the end of the log, which is in the log already. */
function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

/** Ends the component, once nothing that needs it runs any more. */
async function halt(instance: Instance, context: KeepContext): Promise<RunEnd> {
  const { changes, isStopping, dependentsLive, update } = context;
  if (isStopping()) await changes.until(() => !dependentsLive());
  update({ state: ComponentState.Stopping });
  await instance.stop();
  update({ process: null, startedAtMs: null });
  return { kind: 'halted' };
}

type Readiness =
  | { readonly kind: 'ready' | 'halted' }
  | { readonly kind: 'exited'; readonly exit: Exit }
  | { readonly kind: 'late'; readonly reason: string };

async function untilReady(
  component: Component,
  exit: Promise<Exit>,
  context: KeepContext,
  halted: () => boolean,
): Promise<Readiness> {
  const deadlineMs = context.clock.monotonicMs() + component.readyDeadlineMs;
  const probing = async (signal: AbortSignal): Promise<Readiness> => {
    let reason: string | null = 'not looked at yet';
    while (!signal.aborted) {
      if (component.runs === 'always') reason = await component.probe(signal);
      else reason = 'still at work';
      if (reason === null) return { kind: 'ready' };
      if (context.clock.monotonicMs() >= deadlineMs) return { kind: 'late', reason };
      await sleep(startProbeIntervalMs, undefined, { signal });
    }
    return { kind: 'halted' };
  };
  const exited = exit.then((value): Readiness => ({ kind: 'exited', exit: value }));
  const outcome = await raceAbort(context, halted, (signal) =>
    Promise.race([exited, probing(signal)]),
  );
  return outcome ?? { kind: 'halted' };
}

/** Probes the running component until it ends (its exit) or is to be halted (null). */
async function watch(
  component: Component,
  exit: Promise<Exit>,
  context: KeepContext,
  halted: () => boolean,
): Promise<Exit | null> {
  const good = component.external ? ComponentState.External : ComponentState.Running;
  const probing = async (signal: AbortSignal): Promise<null> => {
    let shown: string | null = null;
    while (!signal.aborted) {
      await sleep(context.probeIntervalMs, undefined, { signal });
      const reason = await component.probe(signal);
      if (signal.aborted || reason === shown) continue;
      shown = reason;
      context.update({ state: reason === null ? good : ComponentState.Unready, reason });
      context.note(component, reason === null ? 'ready again' : `not ready: ${reason}`);
    }
    return null;
  };
  return raceAbort(context, halted, (signal) => Promise.race([exit, probing(signal)]));
}

/** Runs the work until it settles, or the condition holds: then null, and the work is left. */
async function raceAbort<Value>(
  context: Pick<KeepContext, 'changes'>,
  condition: () => boolean,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value | null> {
  return abortable(context, condition, (signal) => {
    const interrupted = new Promise<null>((resolve) => {
      signal.addEventListener('abort', () => resolve(null), { once: true });
    });
    // The order matters: at an abort the work rejects, but the null is there first.
    return Promise.race([interrupted, work(signal)]);
  });
}

/**
 * Runs the work with a signal that aborts when the condition holds, and settles as the work does.
 * Afterwards the signal is aborted in any case, so that no timer or request of it stays behind.
 */
async function abortable<Value>(
  context: Pick<KeepContext, 'changes'>,
  condition: () => boolean,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  let settled = false;
  void context.changes.until(() => settled || condition()).then(() => controller.abort());
  try {
    return await work(controller.signal);
  } finally {
    settled = true;
    context.changes.notify();
  }
}
