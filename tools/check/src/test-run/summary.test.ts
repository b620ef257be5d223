import { describe, expect, it } from 'vitest';
import { readCounts } from './counts.ts';
import { type StepResult, summarize } from './summary.ts';

const format: StepResult = {
  name: 'format',
  outcome: 'passed',
  reason: '',
  durationMs: 700,
  tests: null,
};
const unit: StepResult = {
  ...format,
  name: 'unit',
  tests: { passed: 10, failed: 0, skipped: 2 },
};

describe('summarize', () => {
  it('counts tests, and only tests, as passed', () => {
    const { lines, exitCode } = summarize([format, unit, { ...unit, name: 'integration' }], 2_000);
    expect(lines.at(-1)).toBe('20 passed, 0 failed, 4 skipped');
    expect(exitCode).toBe(0);
  });

  it('counts a failed step that is no test as one failure', () => {
    const { lines, exitCode } = summarize([{ ...format, outcome: 'failed' }, unit], 0);
    expect(lines.at(-1)).toBe('10 passed, 1 failed, 2 skipped');
    expect(exitCode).toBe(1);
  });

  it('counts failed tests once', () => {
    const tests = { passed: 7, failed: 3, skipped: 0 };
    const { lines, exitCode } = summarize([format, { ...unit, outcome: 'failed', tests }], 0);
    expect(lines.at(-1)).toBe('7 passed, 3 failed, 0 skipped');
    expect(exitCode).toBe(1);
  });

  it('counts a runner that broke without a failed test', () => {
    const broken: StepResult = { ...unit, outcome: 'failed', tests: null };
    expect(summarize([unit, broken], 0).lines.at(-1)).toBe('10 passed, 1 failed, 2 skipped');
    const late: StepResult = { ...unit, outcome: 'failed' };
    expect(summarize([late], 0).lines.at(-1)).toBe('10 passed, 1 failed, 2 skipped');
  });

  it('fails where no test ran', () => {
    for (const results of [
      [],
      [format],
      [{ ...unit, tests: { passed: 0, failed: 0, skipped: 3 } }],
    ]) {
      const { lines, exitCode } = summarize(results, 0);
      expect(lines.at(-1)).toMatch(/^0 passed, 1 failed, [03] skipped$/);
      expect(exitCode).toBe(1);
    }
  });

  it('fails where a step was not run', () => {
    const { lines, exitCode } = summarize([unit, { ...unit, outcome: 'not-run', tests: null }], 0);
    expect(lines.at(-1)).toBe('10 passed, 0 failed, 2 skipped');
    expect(exitCode).toBe(1);
  });
});

describe('readCounts', () => {
  it('reads a report, and counts what was left out as skipped', () => {
    const report = { numTotalTests: 10, numPassedTests: 6, numFailedTests: 1, numPendingTests: 2 };
    expect(readCounts(JSON.stringify(report))).toEqual({ passed: 6, failed: 1, skipped: 3 });
  });

  it('takes nothing else for a report', () => {
    const contradiction = { numTotalTests: 1, numPassedTests: 2, numFailedTests: 0 };
    for (const value of [null, [], {}, { numTotalTests: '1' }, contradiction]) {
      expect(readCounts(JSON.stringify(value))).toBeNull();
    }
  });
});
