/**
 * Which fault comes when: the same for the same seed and faults. Every fault comes once (as often as
 * its weight says) before any comes again, so that short runs see all of them. Pure.
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
  let bag: readonly Fault[] = [];
  let outageFreeAtMs = 0;
  let atMs = random.integer(gapMs.min, gapMs.max);
  while (faults.length > 0 && atMs < durationMs - quietEndMs) {
    if (bag.length === 0) bag = shuffled(faults, random);
    const fault = bag.find(({ isOutage }) => !isOutage || atMs >= outageFreeAtMs);
    if (fault === undefined) {
      atMs = outageFreeAtMs;
      continue;
    }
    bag = bag.toSpliced(bag.indexOf(fault), 1);
    const wantedMs = random.integer(fault.holdMs.min, fault.holdMs.max);
    const holdMs = Math.min(wantedMs, durationMs - atMs);
    schedule.push({ number: schedule.length + 1, atMs, holdMs, fault });
    if (fault.isOutage) outageFreeAtMs = atMs + holdMs + outagePauseMs;
    atMs += random.integer(gapMs.min, gapMs.max);
  }
  return schedule;
}

function shuffled(faults: readonly Fault[], random: Random): readonly Fault[] {
  return faults
    .flatMap((fault) => Array.from({ length: fault.weight }, () => fault))
    .map((fault) => ({ fault, place: random.next() }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ fault }) => fault);
}
