/** What an app's main does first: settings, or help, or a refusal to start. */
import { fail, ok, type Result } from '@windlass/base';
import type { SettingProblem, SettingsDefinition } from './definition.ts';
import { type Environment, parseSettings } from './parse.ts';
import type { AnySettings, SettingsOfMap } from './setting.ts';
import { settingsHelp } from './tables.ts';

/** What has to be printed, and where, before the process ends with the code. */
export type Ending = {
  readonly exitCode: 0 | 1;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
};

export type LoadInput = {
  /** Arguments after the script: `process.argv.slice(2)`. */
  readonly argv: readonly string[];
  readonly env: Environment;
};

/** `loadSettings` without the process: the settings, or how to end. */
export function settleSettings<const Map extends AnySettings>(
  definition: SettingsDefinition<Map>,
  { argv, env }: LoadInput,
): Result<SettingsOfMap<Map>, Ending> {
  if (argv.includes('--help') || argv.includes('-h')) {
    return fail({ exitCode: 0, stream: 'stdout', text: settingsHelp(definition) });
  }
  const settings = parseSettings(definition, env);
  const refused: SettingProblem[] = argv.map((argument) => ({
    env: argument.replace(/=.*$/s, '=…'),
    message: 'is not known; the only argument is --help, settings come from the environment',
  }));
  if (settings.ok && refused.length === 0) return ok(settings.value);
  const problems = [...refused, ...(settings.ok ? [] : settings.error)];
  return fail({ exitCode: 1, stream: 'stderr', text: problemsText(definition.app, problems) });
}

/**
 * The settings of this process. With `--help` it prints the table and ends with 0; with problems
 * it prints all of them and ends with 1.
 */
export function loadSettings<const Map extends AnySettings>(
  definition: SettingsDefinition<Map>,
  input: LoadInput,
): SettingsOfMap<Map> {
  const settled = settleSettings(definition, input);
  if (settled.ok) return settled.value;
  process[settled.error.stream].write(settled.error.text);
  return process.exit(settled.error.exitCode);
}

function problemsText(app: string, problems: readonly SettingProblem[]): string {
  const lines = problems.map(({ env, message }) => `  ${env} ${message}`);
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return `${app} can't start: ${count} with its settings\n${lines.join('\n')}\nSee ${app} --help.\n`;
}
