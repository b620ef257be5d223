/**
 * Everything that CI runs: `make test`, `.ci/run`, `npm test`. Goes on after a failed step with those
 * that don't need it; the last line is `N passed, N failed, N skipped`. Steps: test-run/steps.ts.
 */
import { mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { formatFinding } from './finding.ts';
import { checkInstall } from './install.ts';
import { endRunningCommands } from './processes.ts';
import { type RunContext, runStep } from './test-run/run-step.ts';
import { type Step, steps } from './test-run/steps.ts';
import { type StepResult, seconds, summarize } from './test-run/summary.ts';

const root = resolve(import.meta.dirname, '../../..');
const startedMs = performance.now();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    endRunningCommands('SIGTERM');
    console.log(`ended by ${signal}`);
    process.exit(128 + constants.signals[signal]);
  });
}

const folder = join(root, '.windlass', 'test');
mkdirSync(folder, { recursive: true });
const context: RunContext = { root, folder, write: (text) => process.stdout.write(text) };
const refusal = updateRefusal(process.env);
const results = refusal === null ? await runAll(context) : [refusal];
const { lines, exitCode } = summarize(results, performance.now() - startedMs);
for (const line of lines) console.log(line);
process.exitCode = exitCode;

/** Tests that rewrite what they expect prove nothing. */
function updateRefusal(env: NodeJS.ProcessEnv): StepResult | null {
  if (!isSet(env['CI']) || !isSet(env['UPDATE'])) return null;
  const reason = 'UPDATE is refused where CI is set';
  return { name: 'update', outcome: 'failed', reason, durationMs: 0, tests: null };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !/^(?:|0|false)$/.test(value);
}

async function runAll(runContext: RunContext): Promise<readonly StepResult[]> {
  const findings = checkInstall(root);
  for (const finding of findings) console.log(formatFinding(finding));
  const install: StepResult = {
    name: 'install',
    outcome: findings.length === 0 ? 'passed' : 'failed',
    reason: findings.length === 0 ? '' : 'node_modules is out of date: run npm ci',
    durationMs: performance.now() - startedMs,
    tests: null,
  };
  const done = new Map([[install.name, install]]);
  for (const step of steps) {
    const result = await runOrPass(step, done, runContext);
    done.set(step.name, result);
  }
  return [...done.values()];
}

async function runOrPass(
  step: Step,
  done: ReadonlyMap<string, StepResult>,
  runContext: RunContext,
): Promise<StepResult> {
  const missing = ['install', ...step.needs].find((name) => done.get(name)?.outcome !== 'passed');
  if (missing !== undefined) {
    const reason = `needs ${missing}`;
    return { name: step.name, outcome: 'not-run', reason, durationMs: 0, tests: null };
  }
  runContext.write(step.live ? `== ${step.name}\n` : `== ${step.name.padEnd(13)}`);
  const result = await runStep(step, runContext);
  const mark = result.outcome === 'passed' ? 'ok' : `FAILED: ${result.reason}`;
  runContext.write(
    `${step.live ? `== ${step.name} ` : ''}${mark}, ${seconds(result.durationMs)}\n`,
  );
  return result;
}
