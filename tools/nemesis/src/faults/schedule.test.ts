import { seededRandom } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { type Fault, nothingToUndo } from './fault.ts';
import { planSchedule } from './schedule.ts';

const fault = (name: string, isOutage: boolean, weight = 1): Fault => ({
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

  it('has every fault, as often as its weight says, before any comes again', () => {
    const first = plan(7).slice(0, 5);
    expect(first.map((entry) => entry.fault.name).toSorted()).toEqual([
      'freeze nats',
      'freeze postgres',
      'kill api',
      'kill worker',
      'kill worker',
    ]);
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

  it('is empty where there is nothing to choose from', () => {
    expect(planSchedule([], durationMs, seededRandom(1))).toEqual([]);
  });
});
