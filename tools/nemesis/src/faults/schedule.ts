/**
 * Which fault comes when: the same for the same seed and faults. Of the outages, and of the others,
 * each comes once (as often as its weight says) before any comes again, so that short runs see all of
 * them, and a long outage never has the platform to itself. Two outages never overlap, nor do two
 * faults on one process. Pure.
 */
import type { Random } from '@windlass/base';
import type { Fault } from './fault.ts';

export type ScheduledFault = {
  /** From 1. */
  readonly number: number;
  /** Since the start of the run. */
  readonly atMs: number;
  readonly holdMs: number;
  readonly fault: Fault;
};

/** Between two starts: long enough for work to be under way again, short enough to hit recoveries. */
const gapMs = { min: 3_000, max: 9_000 };
/** After an outage the platform gets this long before the next one. */
const outagePauseMs = 8_000;
/** Faults that begin later would hardly be felt before everything is healed. */
const quietEndMs = 5_000;

export function planSchedule(
  faults: readonly Fault[],
  durationMs: number,
  random: Random,
): readonly ScheduledFault[] {
  const schedule: ScheduledFault[] = [];
  const outages = createBag(faults.filter((fault) => fault.isOutage));
  const others = createBag(faults.filter((fault) => !fault.isOutage));
  const outageShare = outages.weight / (outages.weight + others.weight);
  const freeAtMs = new Map<string | null, number>();
  let outageFreeAtMs = 0;
  let atMs = random.integer(gapMs.min, gapMs.max);
  while (faults.length > 0 && atMs < durationMs - quietEndMs) {
    const isOutageNext = atMs >= outageFreeAtMs && random.chance(outageShare);
    const nowMs = atMs;
    const isFree = ({ component }: Fault) => (freeAtMs.get(component) ?? 0) <= nowMs;
    const fault = (isOutageNext ? outages : others).draw(isFree, random);
    if (fault === null) {
      atMs += gapMs.min;
      continue;
    }
    const wantedMs = random.integer(fault.holdMs.min, fault.holdMs.max);
    const holdMs = Math.min(wantedMs, durationMs - atMs);
    schedule.push({ number: schedule.length + 1, atMs, holdMs, fault });
    if (fault.isOutage) outageFreeAtMs = atMs + holdMs + outagePauseMs;
    if (fault.component !== null) freeAtMs.set(fault.component, atMs + holdMs);
    atMs += random.integer(gapMs.min, gapMs.max);
  }
  return schedule;
}

/** Gives the next one of a round that may be done now, null where none may; rounds follow each other. */
function createBag(faults: readonly Fault[]) {
  let left: readonly Fault[] = [];
  return {
    weight: faults.reduce((sum, { weight }) => sum + weight, 0),
    draw: (isFree: (fault: Fault) => boolean, random: Random): Fault | null => {
      if (left.length === 0) left = shuffled(faults, random);
      const at = left.findIndex(isFree);
      if (at === -1) return null;
      const fault = left[at] ?? null;
      left = left.toSpliced(at, 1);
      return fault;
    },
  };
}

function shuffled(faults: readonly Fault[], random: Random): readonly Fault[] {
  return faults
    .flatMap((fault) => Array.from({ length: fault.weight }, () => fault))
    .map((fault) => ({ fault, place: random.next() }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ fault }) => fault);
}
