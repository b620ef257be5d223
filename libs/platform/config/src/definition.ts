/** A whole app's settings, and the rules between them. */
import { assert } from '@windlass/base';
import type { AnySettings, SettingsOfMap } from './setting.ts';

/** One thing wrong with one environment variable. Never holds the value of a secret. */
export type SettingProblem = {
  /** Name of the environment variable; of a settings file: its path, the line and the key. */
  readonly env: string;
  /** Continues the sentence that the name begins: `must be …, not "abc"`. */
  readonly message: string;
};

/** A rule between settings, applied once all those it names are valid by themselves. */
export type SettingsRule = {
  readonly keys: readonly string[];
  readonly check: (settings: Readonly<Record<string, unknown>>) => readonly SettingProblem[];
};

/** Makes a rule: the settings it reads by key, then what is wrong with them together. */
export type RuleMaker<Map extends AnySettings> = <const Key extends keyof Map & string>(
  keys: readonly Key[],
  check: (settings: Pick<SettingsOfMap<Map>, Key>) => readonly SettingProblem[],
) => SettingsRule;

export type SettingsDefinition<Map extends AnySettings> = {
  readonly app: string;
  readonly summary: string;
  readonly settings: Map;
  readonly rules: readonly SettingsRule[];
  /** For the head of `--help`: what else the program can be called with. */
  readonly usage: readonly string[];
};

/** The typed settings that a definition gives. */
export type SettingsOf<Definition> =
  Definition extends SettingsDefinition<infer Map> ? SettingsOfMap<Map> : never;

export type DefinitionOptions<Map extends AnySettings> = {
  readonly refine?: (rule: RuleMaker<Map>) => readonly SettingsRule[];
  readonly usage?: readonly string[];
};

/**
 * Defines what an app can be set to.
 *
 * @param summary one sentence for the head of `--help`
 * @param options.refine rules between settings. They are told apart by the keys they read, so that
 *   a bad value elsewhere hides none of their problems.
 * @param options.usage commands of the program beside its main one, for `--help`
 */
export function defineSettings<const Map extends AnySettings>(
  app: string,
  summary: string,
  settings: Map,
  options: DefinitionOptions<Map> = {},
): SettingsDefinition<Map> {
  const names = Object.values(settings).map(({ env }) => env);
  assert(
    new Set(names).size === names.length,
    `${app} defines a variable twice: ${names.join(', ')}`,
  );
  const { refine, usage = [] } = options;
  return { app, summary, settings, rules: refine?.(makeRule) ?? [], usage };
}

function makeRule(
  keys: readonly string[],
  check: (settings: never) => readonly SettingProblem[],
): SettingsRule {
  return {
    keys,
    // parseSettings applies a rule only once each of its keys holds a valid value of its type.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types are RuleMaker's
    check: (values) => check(values as never),
  };
}
