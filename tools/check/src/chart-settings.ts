/**
 * What a chart says of an app's settings: the table in its README, and the part of
 * values.schema.json by which Helm refuses a setting that the app doesn't know. Both are made from
 * config.ts. Read next: settings.ts, deploy/README.md.
 */
import {
  type AnySettings,
  type Setting,
  type SettingsDefinition,
  settingFileName,
} from '@windlass/config';
import { isRecord, type Json } from './json.ts';

/** Where a setting is found among a chart's values. */
export type ChartValue = {
  /** Such as `settings.LOG_LEVEL`. */
  readonly path: string;
  readonly setting: Setting<unknown>;
  /** Its JSON schema, or null where the chart itself has a value for it. */
  readonly schema: Json | null;
  /** For the table: what it takes, and what it is where nothing is said. */
  readonly form: string;
  readonly fallback: string;
};

const portForm = 'whole number from 1 to 65535';
const secretForm = '`{secret, key}`';
const fileForm = '`{secret, key}` or `{configMap, key}`';

type OwnValue = (
  setting: Setting<unknown>,
) => Pick<ChartValue, 'path' | 'form' | 'fallback'> | null;

/** Values that a chart needs itself, for ports and periods of the pod; null: the chart alone says it. */
const ownValues: Readonly<Record<string, OwnValue>> = {
  HTTP_HOST: () => ({ path: 'http.host', form: 'text', fallback: '`0.0.0.0`' }),
  HTTP_PORT: ({ defaultText }) => ({
    path: 'http.port',
    form: portForm,
    fallback: `\`${defaultText}\``,
  }),
  SHUTDOWN_GRACE_MS: ({ defaultText }) => ({
    path: 'shutdown.graceSeconds',
    form: 'whole number of seconds',
    fallback: `\`${defaultText.replace(/s$/, '')}\``,
  }),
};

const listenHost: OwnValue = () => ({ path: 'listenHost', form: 'text', fallback: '`0.0.0.0`' });

/** At the top of the values, and in the chart's settings file under the same name. */
const inFile: OwnValue = (setting) => ({
  path: settingFileName(setting.env),
  form: setting.type,
  fallback: setting.env === 'LOCK_LOCKS_MAX' ? '`500000`' : fallbackOf(setting),
});

/** The lock manager's chart is a StatefulSet: it names its nodes and their folder itself. */
const lockmgrValues: typeof ownValues = {
  CONFIG_FILE: () => null,
  NODE_NAME: () => null,
  LOCKMGR_PEERS: () => null,
  DATA_FOLDER: () => null,
  HTTP_HOST: () => null,
  GRPC_HOST: listenHost,
  HTTP_PORT: () => ({ path: 'service.actuatorPort', form: portForm, fallback: '`8080`' }),
  GRPC_PORT: () => ({ path: 'service.grpcPort', form: portForm, fallback: '`9090`' }),
  REGION_ID: inFile,
  SHUTDOWN_GRACE_MS: () => ({
    path: 'shutdown.graceSeconds',
    form: 'whole number of seconds',
    fallback: '`10`',
  }),
};

function ownValueOf(app: string, { env }: Setting<unknown>): OwnValue | undefined {
  if (app !== 'lockmgr-node') return ownValues[env];
  return /^(?:RAFT|LOCK)_/.test(env) ? inFile : lockmgrValues[env];
}

/** Every setting of an app that a chart takes, each at exactly one place, in the order of the definition. */
export function chartValues(definition: SettingsDefinition<AnySettings>): readonly ChartValue[] {
  return Object.values(definition.settings).flatMap((setting) => {
    const own = ownValueOf(definition.app, setting)?.(setting);
    if (own === null) return [];
    if (own !== undefined) return { ...own, setting, schema: null };
    const fallback = fallbackOf(setting);
    if (setting.secret) {
      const schema = { $ref: '#/definitions/secretSource' };
      return { path: `secrets.${setting.env}`, setting, schema, form: secretForm, fallback };
    }
    if (setting.env.endsWith('_FILE') || setting.env === 'KUBECONFIG') {
      const schema = { $ref: '#/definitions/source' };
      return { path: `files.${setting.env}`, setting, schema, form: fileForm, fallback };
    }
    const schema = valueSchema(setting.type);
    return { path: `settings.${setting.env}`, setting, schema, form: setting.type, fallback };
  });
}

/** The table of a chart's README. */
export function chartTable(definition: SettingsDefinition<AnySettings>): string {
  const rows = chartValues(definition).map(
    ({ path, setting, form, fallback }) =>
      `| \`${path}\` | ${form} | ${fallback} | ${setting.description} |`,
  );
  return ['| value | takes | default | what it does |', '|---|---|---|---|', ...rows, ''].join(
    '\n',
  );
}

/** The schema with the settings of this definition in it; null where it isn't one of a chart. */
export function placeSchema(
  schema: Json,
  definition: SettingsDefinition<AnySettings>,
): Json | null {
  if (!isRecord(schema) || !isRecord(schema['properties'])) return null;
  const properties = { ...schema['properties'] };
  for (const group of ['settings', 'secrets', 'files']) {
    const present = properties[group];
    if (!isRecord(present)) return null;
    const prefix = `${group}.`;
    const entries = chartValues(definition)
      .filter(({ path }) => path.startsWith(prefix))
      .map(({ path, schema: value }) => [path.slice(prefix.length), value] as const);
    properties[group] = { ...present, properties: Object.fromEntries(entries) };
  }
  return { ...schema, properties };
}

/**
 * What a value in a chart may be, in YAML's own types, from what a setting says that it takes. It finds
 * slips, and the app has the last word: what passes here, it may still refuse.
 */
export function valueSchema(type: string): Json {
  if (type.startsWith('whole number')) return { type: 'integer', ...range(type) };
  if (type.startsWith('duration')) {
    return { type: ['string', 'integer'], minimum: 0, pattern: '^[0-9]+(ms|s|m|h)?$' };
  }
  if (type === '`true` or `false`') return { type: 'boolean' };
  if (/^`[^`]+`(?:, `[^`]+`)*$/.test(type)) return { enum: type.replaceAll('`', '').split(', ') };
  if (type.startsWith('list of ')) {
    return { type: ['string', 'array'], items: { type: 'string' } };
  }
  const schemes = /^URLs?(?: separated by commas)? \((.+)\)$/.exec(type)?.[1];
  if (schemes !== undefined) {
    return { type: 'string', pattern: `^(${schemes.split(' or ').join('|')})` };
  }
  return { type: 'string', minLength: 1 };
}

function range(type: string): { readonly minimum?: number; readonly maximum?: number } {
  const from = /(?: from | of at least )(-?\d+)/.exec(type)?.[1];
  const to = /(?: to | of at most )(-?\d+)/.exec(type)?.[1];
  return {
    ...(from === undefined ? {} : { minimum: Number(from) }),
    ...(to === undefined ? {} : { maximum: Number(to) }),
  };
}

function fallbackOf(setting: Setting<unknown>): string {
  if (setting.defaultText !== '') return `\`${setting.defaultText}\``;
  return setting.absent.kind === 'required' ? 'required' : 'optional';
}
