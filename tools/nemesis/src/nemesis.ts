/**
 * One run: the workload at work, faults by the schedule, healing, then checks until nothing is
 * broken or the deadline is over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@windlass/base';
import type { Undo } from './faults/fault.ts';
import type { ScheduledFault } from './faults/schedule.ts';
import type { StackProcesses } from './faults/stack-processes.ts';
import type { Violation, Workload } from './workloads/workload.ts';

export type RunOptions = {
  readonly processes: StackProcesses;
  readonly schedule: readonly ScheduledFault[];
  readonly workload: Workload;
  readonly durationMs: number;
  readonly settleMs: number;
  /** Each fault draws from a child of it. */
  readonly random: Random;
  /** Aborts the run: it heals and checks nothing. */
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
};

export type RunResult = {
  readonly violations: readonly Violation[];
  /** How often each fault was done, by name. */
  readonly faultCounts: ReadonlyMap<string, number>;
  /** From the end of the healing to the first check that found nothing; null: never. */
  readonly settledAfterMs: number | null;
};

const progressMs = 10_000;
/** The supervisor waits up to 15 s before it starts again what keeps ending. */
const healDeadlineMs = 180_000;
const healPollMs = 500;
const checkPauseMs = 2_000;

export async function runNemesis(options: RunOptions): Promise<RunResult> {
  const { workload, schedule, durationMs, signal, print, processes } = options;
  print(`${schedule.length} faults in ${durationMs / 60_000} min:`);
  for (const { number, atMs, holdMs, fault } of schedule) {
    print(`  ${number}. ${clock(atMs)} ${fault.name}${holdMs > 0 ? ` for ${clock(holdMs)}` : ''}`);
  }
  const startedMs = performance.now();
  const say = (line: string) => print(`${clock(performance.now() - startedMs)} ${line}`);
  await workload.start();
  const quiet = new AbortController();
  const progressing = reportProgress(workload, say, quiet.signal);
  const faultCounts = new Map<string, number>();
  try {
    await carryOut({ ...options, say, startedMs, faultCounts });
  } finally {
    processes.thawAll();
    say('healing');
    await heal(processes, say);
    quiet.abort();
    await progressing;
  }
  await workload.stop();
  if (signal.aborted) return { violations: [], faultCounts, settledAfterMs: null };
  const settled = await settle(options, say);
  return { ...settled, faultCounts };
}

type CarryOut = RunOptions & {
  readonly say: (line: string) => void;
  readonly startedMs: number;
  readonly faultCounts: Map<string, number>;
};

/** Does each fault at its time and undoes it after its own; returns when all are undone. */
async function carryOut(options: CarryOut): Promise<void> {
  const { schedule, signal, startedMs, durationMs } = options;
  const until = (atMs: number) =>
    sleep(Math.max(0, startedMs + atMs - performance.now()), undefined, { signal });
  const held: Promise<void>[] = [];
  try {
    for (const scheduled of schedule) {
      await until(scheduled.atMs);
      held.push(doOne(scheduled, options));
    }
    await until(durationMs);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await Promise.all(held);
  }
}

async function doOne(scheduled: ScheduledFault, options: CarryOut): Promise<void> {
  const { number, holdMs, fault } = scheduled;
  const { say, signal, faultCounts, processes, random, workload } = options;
  const note = (text: string) => say(`fault ${number} ${fault.name}: ${text}`);
  faultCounts.set(fault.name, (faultCounts.get(fault.name) ?? 0) + 1);
  const undo: Undo = await fault.inject(
    { processes, note, stir: workload.stir },
    random.child(`fault/${number}`),
  );
  await sleep(holdMs, undefined, { signal }).catch(() => undefined);
  await undo();
}

async function reportProgress(
  workload: Workload,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(progressMs, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) say(await workload.progress());
  }
}

/** Waits until the supervisor has everything running again. */
async function heal(processes: StackProcesses, say: (line: string) => void): Promise<void> {
  const endMs = performance.now() + healDeadlineMs;
  let unready = processes.unready();
  while (unready !== null && performance.now() < endMs) {
    await sleep(healPollMs);
    unready = processes.unready();
  }
  say(unready === null ? 'everything runs again' : `not healed: ${unready}`);
}

async function settle(
  { workload, settleMs, signal }: RunOptions,
  say: (line: string) => void,
): Promise<Omit<RunResult, 'faultCounts'>> {
  const startedMs = performance.now();
  let violations: readonly Violation[] = [];
  let saidAtMs = startedMs;
  do {
    violations = await workload.check();
    if (violations.length === 0) {
      const settledAfterMs = performance.now() - startedMs;
      say('nothing is lost, doubled or stuck');
      return { violations, settledAfterMs };
    }
    if (performance.now() - saidAtMs >= progressMs) {
      saidAtMs = performance.now();
      const [first] = violations;
      say(`${violations.length} not right yet, such as ${first?.subject}: ${first?.detail}`);
    }
    const leftMs = startedMs + settleMs - performance.now();
    if (leftMs <= 0) break;
    await sleep(Math.min(checkPauseMs, leftMs), undefined, { signal }).catch(() => undefined);
  } while (!signal.aborted);
  return { violations, settledAfterMs: null };
}

/** Minutes and seconds: 1:05.3 */
export function clock(durationMs: number): string {
  const minutes = Math.floor(durationMs / 60_000);
  const seconds = ((durationMs % 60_000) / 1_000).toFixed(1).padStart(4, '0');
  return `${minutes}:${seconds}`;
}
