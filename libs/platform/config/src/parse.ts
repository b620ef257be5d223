/** From the environment's texts to typed settings, or to the list of everything wrong. */
import { readFileSync, statSync } from 'node:fs';
import { fail, ok, type Result } from '@windlass/base';
import type { SettingProblem, SettingsDefinition } from './definition.ts';
import type { AnySettings, Setting, SettingsOfMap } from './setting.ts';
import { configFileVariable, type FileSettings, readSettingsFile } from './settings-file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The text of a file, or why it can't be read. */
export type ReadTextFile = (path: string) => Result<string, string>;

/** A secret is a password, token or URL, settings are a page; a larger file was named by mistake. */
const fileBytesMax = 65_536;

/**
 * Parses all settings. An empty variable counts as unset. Where the definition has CONFIG_FILE and
 * it is set, that file's settings count where the environment says nothing.
 *
 * @param readTextFile how the file of `<ENV>_FILE` and CONFIG_FILE is read; the disk by default
 * @returns the settings, or every problem at once, in the order of the definition
 */
export function parseSettings<const Map extends AnySettings>(
  definition: SettingsDefinition<Map>,
  environment: Environment,
  readTextFile: ReadTextFile = readSmallFile,
): Result<SettingsOfMap<Map>, readonly SettingProblem[]> {
  const file = readConfigFile(definition, environment, readTextFile);
  const merged = mergedEnvironment(definition, environment, file);
  const values: Record<string, unknown> = {};
  const problems: SettingProblem[] = [];
  for (const [key, setting] of Object.entries(definition.settings)) {
    const outcome = readSetting(setting, merged, readTextFile);
    if (outcome.ok) values[key] = outcome.value;
    else problems.push(outcome.error);
  }
  for (const rule of definition.rules) {
    if (rule.keys.every((key) => Object.hasOwn(values, key))) problems.push(...rule.check(values));
  }
  const all = [...file.problems, ...problems.map((problem) => placed(problem, environment, file))];
  if (all.length > 0) return fail(all);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each key was parsed above
  return ok(values as SettingsOfMap<Map>);
}

const nothing: FileSettings = { values: new Map(), problems: [] };

function readConfigFile(
  { settings }: SettingsDefinition<AnySettings>,
  environment: Environment,
  readTextFile: ReadTextFile,
): FileSettings {
  const path = environment[configFileVariable] ?? '';
  const isWanted = Object.values(settings).some(({ env }) => env === configFileVariable);
  if (path === '' || !isWanted) return nothing;
  const content = readTextFile(path);
  if (content.ok) return readSettingsFile(settings, path, content.value);
  return { ...nothing, problems: [{ env: configFileVariable, message: content.error }] };
}

/** The environment, and behind it the file. */
function mergedEnvironment(
  { settings }: SettingsDefinition<AnySettings>,
  environment: Environment,
  { values }: FileSettings,
): Environment {
  const merged: Record<string, string | undefined> = { ...environment };
  for (const { env } of Object.values(settings)) {
    const names = [env, `${env}_FILE`];
    // A secret comes from one of two variables: either of them hides the file's.
    if (names.some((name) => (environment[name] ?? '') !== '')) continue;
    for (const name of names) {
      const value = values.get(name);
      if (value !== undefined) merged[name] = value.text;
    }
  }
  return merged;
}

/** A problem of a value that the file has is said of its place there. */
function placed(
  problem: SettingProblem,
  environment: Environment,
  { values }: FileSettings,
): SettingProblem {
  const value = values.get(problem.env);
  if (value === undefined || (environment[problem.env] ?? '') !== '') return problem;
  return { ...problem, env: value.place };
}

function readSetting(
  setting: Setting<unknown>,
  environment: Environment,
  readTextFile: ReadTextFile,
): Result<unknown, SettingProblem> {
  const { env } = setting;
  const text = setting.secret
    ? readSecret(env, environment, readTextFile)
    : ok(environment[env] ?? '');
  if (!text.ok) return text;
  if (text.value === '') {
    if (setting.absent.kind === 'value') return ok(setting.absent.value);
    const orFile = setting.secret ? ` (or ${env}_FILE)` : '';
    return fail({ env, message: `must be set${orFile}: ${setting.description}` });
  }
  const parsed = setting.parse(text.value);
  return parsed.ok ? parsed : fail({ env, message: parsed.error });
}

function readSecret(
  env: string,
  environment: Environment,
  readTextFile: ReadTextFile,
): Result<string, SettingProblem> {
  const direct = environment[env] ?? '';
  const fileVariable = `${env}_FILE`;
  const path = environment[fileVariable] ?? '';
  if (path === '') return ok(direct);
  if (direct !== '') {
    return fail({ env: fileVariable, message: `must not be set together with ${env}` });
  }
  const content = readTextFile(path);
  if (!content.ok) return fail({ env: fileVariable, message: content.error });
  // Editors and `kubectl create secret --from-file` leave a line end that is no part of a secret.
  const value = content.value.replace(/\r?\n$/, '');
  return value === ''
    ? fail({ env: fileVariable, message: `names a file that is empty: ${path}` })
    : ok(value);
}

function readSmallFile(path: string): Result<string, string> {
  try {
    const { size } = statSync(path);
    if (size > fileBytesMax) {
      return fail(`names a file of ${size} bytes; at most ${fileBytesMax} are read: ${path}`);
    }
    return ok(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return fail(`names a file that can't be read (${reason}): ${path}`);
  }
}
