import { describe, expect, it } from 'vitest';
import { together } from './together.ts';
import type { Violation, Workload } from './workload.ts';

const violation = (subject: string): Violation => ({
  rule: 'lost',
  subject,
  detail: '',
  fields: {},
});

const workload = (name: string, check: Workload['check']): Workload => ({
  name,
  faults: [],
  start: () => Promise.resolve(),
  stir: () => undefined,
  stop: () => Promise.resolve(),
  progress: () => Promise.resolve('1 done'),
  check,
  summary: () => Promise.resolve([{ name, value: '1' }]),
  clear: () => Promise.resolve(),
  close: () => Promise.resolve(),
});

describe('workloads together', () => {
  it('tell of everything that is broken, also where one of them can not look', async () => {
    const both = together([
      workload('left', () => Promise.reject(new Error('nobody answers'))),
      workload('right', () => Promise.resolve([violation('x')])),
    ]);
    expect(await both.check()).toMatchObject([
      { rule: 'unreadable', subject: 'left', detail: expect.stringContaining('nobody answers') },
      { rule: 'lost', subject: 'x' },
    ]);
  });

  it('are shown in one line and one table', async () => {
    const both = together(
      ['left', 'right'].map((name) => workload(name, () => Promise.resolve([]))),
    );
    expect(await both.progress()).toBe('left: 1 done; right: 1 done');
    expect((await both.summary()).map(({ name }) => name)).toEqual(['left', 'right']);
  });
});
