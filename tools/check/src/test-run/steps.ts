/** Everything that a change has to pass, in the order in which it is tried: what is quick comes first. */

export type Step = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly deadlineMs: number;
  /** Shown as it comes, not only where it fails: for what takes long. */
  readonly live: boolean;
  /** Steps without which this one can only fail again. */
  readonly needs: readonly string[];
  /** True where the command is told by `--outputFile.json` to leave a report of its tests. */
  readonly countsTests: boolean;
};

const minuteMs = 60_000;

/** The first build of the servers compiles Kubernetes: minutes on two cores, longer on a busy machine. */
const serversDeadlineMs = 60 * minuteMs;
const testsDeadlineMs = 30 * minuteMs;
const checkDeadlineMs = 5 * minuteMs;

/** For each scenario: together under a minute, in which a quiet machine comes through all seeds. */
const simulationSeconds = 28;

export const steps: readonly Step[] = [
  command('generate', ['npm', 'run', '--silent', 'generate']),
  command('format', ['biome', 'check', '.']),
  command('types', ['tsc', '-p', 'tsconfig.json'], ['generate']),
  command('lint', ['oxlint', '--type-aware'], ['generate']),
  check('boundaries', ['generate']),
  check('tidy'),
  check('proto'),
  check('settings', ['generate']),
  tests('unit', ['generate']),
  {
    ...command('simulation', [
      'node',
      'tools/sim/src/main.ts',
      '--seeds=1000',
      '--ticks=3000',
      `--seconds=${simulationSeconds}`,
    ]),
    live: true,
  },
  check('bundle', ['generate']),
  {
    ...command('servers', ['node', 'tools/infra/src/main.ts']),
    live: true,
    deadlineMs: serversDeadlineMs,
  },
  tests('integration', ['generate', 'servers']),
];

function command(
  name: string,
  [program = '', ...args]: readonly string[],
  needs: readonly string[] = [],
): Step {
  const deadlineMs = checkDeadlineMs;
  return { name, command: program, args, deadlineMs, live: false, needs, countsTests: false };
}

function check(name: string, needs: readonly string[] = []): Step {
  return command(name, ['node', 'tools/check/src/main.ts', name], needs);
}

function tests(project: string, needs: readonly string[]): Step {
  const args = ['vitest', 'run', '--project', project, '--reporter=default', '--reporter=json'];
  const step = command(project, args, needs);
  return { ...step, live: true, deadlineMs: testsDeadlineMs, countsTests: true };
}
