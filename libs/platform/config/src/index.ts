/** Typed settings from the environment. Read next: definition.ts, setting.ts, load.ts. */
export {
  defineSettings,
  type RuleMaker,
  type SettingProblem,
  type SettingsDefinition,
  type SettingsOf,
  type SettingsRule,
} from './definition.ts';
export {
  configFileSettings,
  httpSettings,
  kubeSettings,
  lifecycleSettings,
  natsSettings,
  postgresSettings,
  telemetrySettings,
} from './groups.ts';
export { type LoadInput, loadSettings } from './load.ts';
export { type Environment, parseSettings, type ReadTextFile } from './parse.ts';
export { type AnySettings, type Setting, type SettingsOfMap, setting } from './setting.ts';
export { settingFileName } from './settings-file.ts';
export { settingsTable } from './tables.ts';
