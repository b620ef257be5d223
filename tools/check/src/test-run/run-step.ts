/** Runs one step: its output goes to a log, and to the terminal where it is live or has failed. */
import { createWriteStream, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../processes.ts';
import { toolEnvironment } from '../tool-path.ts';
import { readCounts, type TestCounts } from './counts.ts';
import type { Step } from './steps.ts';
import { type StepResult, seconds } from './summary.ts';

/** Of a failed step's log; the rest is in the file. */
const shownLinesMax = 200;

export type RunContext = {
  readonly root: string;
  /** Where logs and reports go; exists. */
  readonly folder: string;
  readonly write: (text: string) => void;
};

export async function runStep(step: Step, context: RunContext): Promise<StepResult> {
  const logPath = join(context.folder, `${step.name}.log`);
  const reportPath = join(context.folder, `${step.name}.json`);
  rmSync(reportPath, { force: true });
  const log = createWriteStream(logPath);
  const startedMs = performance.now();
  const report = step.countsTests ? [`--outputFile.json=${reportPath}`] : [];
  const { exitCode, timedOut } = await runCommand(step.command, [...step.args, ...report], {
    cwd: context.root,
    env: { ...toolEnvironment(context.root), NO_COLOR: '1' },
    deadlineMs: step.deadlineMs,
    onOutput: (text) => {
      log.write(text);
      if (step.live) context.write(text);
    },
  });
  await new Promise<void>((resolve) => {
    log.end(resolve);
  });
  const tests = step.countsTests ? countsOf(reportPath) : null;
  const reason = failureReason(step, exitCode, timedOut, tests);
  if (reason !== '' && !step.live) context.write(`\n${tail(logPath)}`);
  if (reason !== '') context.write(`the whole log is in ${logPath}\n`);
  const durationMs = performance.now() - startedMs;
  return {
    name: step.name,
    outcome: reason === '' ? 'passed' : 'failed',
    reason,
    durationMs,
    tests,
  };
}

function countsOf(reportPath: string): TestCounts | null {
  return existsSync(reportPath) ? readCounts(readFileSync(reportPath, 'utf8')) : null;
}

/** Empty where the step passed. A report with failures or without tests fails it whatever its exit code. */
function failureReason(
  step: Step,
  exitCode: number | null,
  timedOut: boolean,
  tests: TestCounts | null,
): string {
  if (timedOut) return `took longer than ${seconds(step.deadlineMs)}`;
  if (exitCode !== 0) return `exit code ${exitCode ?? 'none (ended by a signal, or not found)'}`;
  if (!step.countsTests) return '';
  if (tests === null) return 'left no report';
  if (tests.failed > 0) return `${tests.failed} tests failed`;
  return tests.passed === 0 ? 'no test ran' : '';
}

function tail(logPath: string): string {
  const lines = readFileSync(logPath, 'utf8').trimEnd().split('\n');
  const shown = lines.slice(-shownLinesMax).map((line) => `  ${line}\n`);
  const left = lines.length - shown.length;
  return `${left > 0 ? `  (${left} lines before)\n` : ''}${shown.join('')}`;
}
