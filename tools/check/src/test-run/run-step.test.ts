import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runStep } from './run-step.ts';
import type { Step } from './steps.ts';

const root = resolve(import.meta.dirname, '../../../..');

/** Stands for a test runner: writes the report that the first argument is, and ends as told. */
const runner =
  "const [report, code, option] = process.argv.slice(1); if (report !== '') require('node:fs').writeFileSync(option.split('=')[1], report); console.log('ran'); process.exitCode = Number(code)";

describe('a step of tests', () => {
  it('passes with a report of passed tests', async () => {
    const { result, written } = await runTests(report(3, 3, 0), 0);
    expect(result).toMatchObject({ outcome: 'passed', reason: '', tests: { passed: 3 } });
    expect(written).toBe('ran\n');
  });

  it.each([
    ['tests fail', report(3, 2, 1), 1, 'exit code 1'],
    ['tests fail and the runner says it is well', report(3, 2, 1), 0, '1 tests failed'],
    ['the runner breaks after good tests', report(3, 3, 0), 1, 'exit code 1'],
    ['there is no report', '', 0, 'left no report'],
    ['every test was skipped', report(3, 0, 0), 0, 'no test ran'],
  ])('fails where %s', async (_name, text, code, reason) => {
    const { result, written } = await runTests(text, code);
    expect(result).toMatchObject({ outcome: 'failed', reason });
    expect(written).toContain('tests.log');
  });

  it('never takes the report of an earlier run for its own', async () => {
    const folder = makeFolder();
    await runTests(report(3, 3, 0), 0, folder);
    const { result } = await runTests('', 0, folder);
    expect(result).toMatchObject({ outcome: 'failed', tests: null });
  });
});

describe('any other step', () => {
  it('shows its output only where it fails', async () => {
    const passed = await run({ args: ['-e', "console.log('words')"] });
    expect(passed.written).toBe('');
    const failed = await run({ args: ['-e', "console.log('words'); process.exitCode = 2"] });
    expect(failed.written).toContain('  words\n');
    expect(failed.result).toMatchObject({ outcome: 'failed', reason: 'exit code 2', tests: null });
  });

  it('fails after its deadline', async () => {
    const { result } = await run({ args: ['-e', 'setTimeout(() => {}, 60_000)'], deadlineMs: 300 });
    expect(result).toMatchObject({ outcome: 'failed', reason: 'took longer than 0.3 s' });
  });
});

function runTests(text: string, code: number, folder = makeFolder()) {
  return run({ args: ['-e', runner, text, String(code)], countsTests: true, live: true }, folder);
}

async function run(change: Partial<Step>, folder = makeFolder()) {
  const step: Step = {
    name: 'tests',
    command: process.execPath,
    args: [],
    deadlineMs: 30_000,
    live: false,
    needs: [],
    countsTests: false,
    ...change,
  };
  let written = '';
  const result = await runStep(step, {
    root,
    folder,
    write: (text) => {
      written += text;
    },
  });
  return { result, written };
}

function makeFolder(): string {
  const folder = mkdtempSync(`${tmpdir()}/windlass-step-`);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function report(total: number, passed: number, failed: number): string {
  return JSON.stringify({ numTotalTests: total, numPassedTests: passed, numFailedTests: failed });
}
