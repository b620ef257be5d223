import { seededRandom } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import type { Fault } from './faults/fault.ts';
import type { StackProcesses } from './faults/stack-processes.ts';
import { runNemesis } from './nemesis.ts';
import type { Violation, Workload } from './workloads/workload.ts';

const stuck: Violation = { rule: 'stuck', subject: 'web', detail: 'still open', fields: {} };

function setUp(results: readonly (readonly Violation[])[]) {
  const events: string[] = [];
  const said = (event: string) => {
    events.push(event);
    return Promise.resolve();
  };
  const waiting = [...results];
  const workload: Workload = {
    name: 'test',
    faults: [],
    start: () => said('start'),
    stir: () => undefined,
    stop: () => said('stop'),
    progress: () => Promise.resolve(''),
    check: async () => {
      await said('check');
      return waiting.length > 1 ? (waiting.shift() ?? []) : (waiting[0] ?? []);
    },
    summary: () => Promise.resolve([]),
    clear: () => said('clear'),
    close: () => said('close'),
  };
  const processes: StackProcesses = {
    own: () => [],
    pid: () => null,
    signal: () => null,
    freeze: () => null,
    thawAll: () => void events.push('thaw all'),
    unready: () => null,
  };
  const interruption = new AbortController();
  const fault: Fault = {
    name: 'freeze',
    weight: 1,
    holdMs: { min: 60_000, max: 60_000 },
    isOutage: false,
    component: null,
    inject: async () => {
      await said('inject');
      interruption.abort();
      return () => said('undo');
    },
  };
  const run = (faults: readonly Fault[], durationMs: number) => {
    const schedule = faults.map((each) => ({ number: 1, atMs: 0, holdMs: 60_000, fault: each }));
    return runNemesis({
      processes,
      schedule,
      workload,
      durationMs,
      settleMs: 0,
      random: seededRandom(3),
      signal: interruption.signal,
      print: () => undefined,
    });
  };
  return { events, fault, run };
}

describe('runNemesis', () => {
  it('undoes what is held and heals when it is interrupted, and checks nothing', async () => {
    const { events, fault, run } = setUp([[stuck]]);
    const result = await run([fault], 60_000);
    expect(events).toEqual(['start', 'inject', 'undo', 'thaw all', 'stop']);
    expect(result).toMatchObject({ violations: [], settledAfterMs: null });
    expect(result.faultCounts).toEqual(new Map([['freeze', 1]]));
  });

  it('gives what is still broken at the deadline', async () => {
    const { events, run } = setUp([[stuck]]);
    const result = await run([], 1);
    expect(events).toEqual(['start', 'thaw all', 'stop', 'check']);
    expect(result).toMatchObject({ violations: [stuck], settledAfterMs: null });
  });

  it('says when everything is right', async () => {
    const { run } = setUp([[]]);
    const result = await run([], 1);
    expect(result.violations).toEqual([]);
    expect(result.settledAfterMs).not.toBeNull();
  });
});
