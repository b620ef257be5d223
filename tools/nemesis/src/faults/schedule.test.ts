import { seededRandom } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { type Fault, nothingToUndo } from './fault.ts';
import { planSchedule } from './schedule.ts';

const fault = (name: string, isOutage: boolean, weight = 1): Fault => ({
  component: name.split(' ')[1] ?? null,
  name,
  weight,
  holdMs: { min: 5_000, max: 40_000 },
  isOutage,
  inject: () => Promise.resolve(nothingToUndo),
});
const faults = [
  fault('kill api', false),
  fault('kill worker', false, 2),
  fault('freeze nats', true),
  fault('freeze postgres', true),
];
const durationMs = 600_000;
const plan = (seed: number) => planSchedule(faults, durationMs, seededRandom(seed));

describe('planSchedule', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(plan(42)).toEqual(plan(42));
    expect(plan(42)).not.toEqual(plan(43));
  });

  it('has every fault, as often as its weight says, before any of its kind comes again', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const names = (isOutage: boolean, count: number) =>
        plan(seed)
          .filter((entry) => entry.fault.isOutage === isOutage)
          .slice(0, count)
          .map((entry) => entry.fault.name)
          .toSorted();
      expect(names(true, 2)).toEqual(['freeze nats', 'freeze postgres']);
      expect(names(false, 3)).toEqual(['kill api', 'kill worker', 'kill worker']);
    }
  });

  it('goes on with other faults during an outage, however long', () => {
    const long = faults.map((each) => {
      const holdMs = each.isOutage ? { min: 150_000, max: 180_000 } : { min: 0, max: 1_000 };
      return { ...each, holdMs };
    });
    for (let seed = 0; seed < 20; seed += 1) {
      const schedule = planSchedule(long, durationMs, seededRandom(seed));
      const gaps = schedule.slice(1).map((entry, at) => entry.atMs - (schedule[at]?.atMs ?? 0));
      expect(Math.max(...gaps)).toBeLessThan(10_000);
    }
  });

  it('is nothing but outages where there is nothing else', () => {
    const outages = faults.filter(({ isOutage }) => isOutage);
    expect(planSchedule(outages, durationMs, seededRandom(1)).length).toBeGreaterThan(10);
  });

  it('never has two outages at once, and ends every fault within the run', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const schedule = plan(seed);
      expect(schedule.every((entry) => entry.atMs + entry.holdMs <= durationMs)).toBe(true);
      const outages = schedule.filter((entry) => entry.fault.isOutage);
      const overlapping = outages.filter((outage, index) => {
        const before = outages[index - 1];
        return before !== undefined && outage.atMs <= before.atMs + before.holdMs;
      });
      expect(overlapping).toEqual([]);
    }
  });

  it('does nothing to a process that another fault has', () => {
    const worker = [fault('freeze worker', false), ...faults];
    for (let seed = 0; seed < 20; seed += 1) {
      const freeAtMs = new Map<string | null, number>();
      for (const { atMs, holdMs, fault: each } of planSchedule(
        worker,
        durationMs,
        seededRandom(seed),
      )) {
        expect(atMs).toBeGreaterThanOrEqual(freeAtMs.get(each.component) ?? 0);
        freeAtMs.set(each.component, atMs + holdMs);
      }
    }
  });

  it('is empty where there is nothing to choose from', () => {
    expect(planSchedule([], durationMs, seededRandom(1))).toEqual([]);
  });
});
