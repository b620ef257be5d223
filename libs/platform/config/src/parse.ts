/** From the environment's texts to typed settings, or to the list of everything wrong. */
import { readFileSync, statSync } from 'node:fs';
import { fail, ok, type Result } from '@windlass/base';
import type { SettingProblem, SettingsDefinition } from './definition.ts';
import type { AnySettings, Setting, SettingsOfMap } from './setting.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The text of a file, or why it can't be read. */
export type ReadTextFile = (path: string) => Result<string, string>;

/** A secret is a password, token or URL; a larger file was named by mistake. */
const secretFileBytesMax = 65_536;

/**
 * Parses all settings. An empty variable counts as unset.
 *
 * @param readTextFile how the file of `<ENV>_FILE` is read; the disk by default
 * @returns the settings, or every problem at once, in the order of the definition
 */
export function parseSettings<const Map extends AnySettings>(
  definition: SettingsDefinition<Map>,
  environment: Environment,
  readTextFile: ReadTextFile = readSecretFile,
): Result<SettingsOfMap<Map>, readonly SettingProblem[]> {
  const values: Record<string, unknown> = {};
  const problems: SettingProblem[] = [];
  for (const [key, setting] of Object.entries(definition.settings)) {
    const outcome = readSetting(setting, environment, readTextFile);
    if (outcome.ok) values[key] = outcome.value;
    else problems.push(outcome.error);
  }
  for (const rule of definition.rules) {
    if (rule.keys.every((key) => Object.hasOwn(values, key))) problems.push(...rule.check(values));
  }
  if (problems.length > 0) return fail(problems);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each key was parsed above
  return ok(values as SettingsOfMap<Map>);
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

function readSecretFile(path: string): Result<string, string> {
  try {
    const { size } = statSync(path);
    if (size > secretFileBytesMax) {
      return fail(`names a file of ${size} bytes; at most ${secretFileBytesMax} are read: ${path}`);
    }
    return ok(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return fail(`names a file that can't be read (${reason}): ${path}`);
  }
}
