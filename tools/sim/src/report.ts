/** What the terminal shows of a run. */
import { execFileSync } from 'node:child_process';
import type { Failure } from './run-seed.ts';
import type { Bugs, Figures } from './scenario.ts';

export function describeFailure(failure: Failure, bugs: Bugs): string {
  const { atTick, events, invariant, message, scenario, seed, stack, ticks } = failure;
  const bug = Object.keys(bugs).map((name) => ` --bug=${name}`);
  return [
    `FAILED ${scenario}, seed ${seed}, commit ${commit()}, tick ${atTick.toFixed(2)}`,
    `broken: ${invariant}`,
    message,
    'the last events (tick, what):',
    ...events,
    stack,
    `again: npm run sim -- --scenario=${scenario} --seed=${seed} --ticks=${ticks}${bug.join('')}`,
  ].join('\n');
}

export function addFigures(sum: Map<string, number>, figures: Figures): void {
  for (const [name, value] of Object.entries(figures)) sum.set(name, (sum.get(name) ?? 0) + value);
}

export function showFigures(sum: ReadonlyMap<string, number>): string {
  return [...sum].map(([name, value]) => `${value} ${name}`).join(', ');
}

function commit(): string {
  try {
    const args = ['describe', '--always', '--dirty'];
    return execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch (error) {
    return `unknown (${error instanceof Error ? error.message.split('\n')[0] : 'no git'})`;
  }
}
