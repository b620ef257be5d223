import { defineSettings, setting } from '@windlass/config';
import { describe, expect, it } from 'vitest';
import { chartTable, chartValues, placeSchema, valueSchema } from './chart-settings.ts';

const about = { description: 'What it does.' };
const definition = defineSettings('demo', 'Shows settings.', {
  host: setting.string({ ...about, env: 'HTTP_HOST', default: '127.0.0.1' }),
  port: setting.integer({ ...about, env: 'HTTP_PORT', default: 8000 }),
  grace: setting.durationMs({ ...about, env: 'SHUTDOWN_GRACE_MS', default: 20_000 }),
  level: setting.oneOf({ ...about, env: 'LEVEL', values: ['low', 'high'], default: 'low' }),
  token: setting.secret({ ...about, env: 'TOKEN', optional: true }),
  ca: setting.string({ ...about, env: 'CA_FILE', optional: true }),
  kubeconfig: setting.string({ ...about, env: 'KUBECONFIG', optional: true }),
});

describe('chartValues', () => {
  it('has each setting at one place', () => {
    expect(chartValues(definition).map(({ path }) => path)).toEqual([
      'http.host',
      'http.port',
      'shutdown.graceSeconds',
      'settings.LEVEL',
      'secrets.TOKEN',
      'files.CA_FILE',
      'files.KUBECONFIG',
    ]);
  });

  it("of the lock manager: by its file's names, without what the chart says itself", () => {
    const lockmgr = defineSettings('lockmgr-node', 'Shows settings.', {
      name: setting.string({ ...about, env: 'NODE_NAME', default: 'lockmgr-0' }),
      port: setting.integer({ ...about, env: 'GRPC_PORT', default: 1 }),
      election: setting.integer({ ...about, env: 'RAFT_ELECTION_TIMEOUT_MS', default: 150 }),
      region: setting.string({ ...about, env: 'REGION_ID', default: 'us-east' }),
      level: setting.string({ ...about, env: 'LOG_LEVEL', default: 'info' }),
    });
    expect(chartValues(lockmgr).map(({ path }) => path)).toEqual([
      'service.grpcPort',
      'raft.electionTimeoutMs',
      'region.id',
      'settings.LOG_LEVEL',
    ]);
  });

  it('shows them in a table, with the defaults of the chart', () => {
    const rows = chartTable(definition).trimEnd().split('\n');
    expect(rows).toHaveLength(2 + 7);
    expect(rows).toContain('| `http.host` | text | `0.0.0.0` | What it does. |');
    expect(rows).toContain(
      '| `shutdown.graceSeconds` | whole number of seconds | `20` | What it does. |',
    );
    expect(rows).toContain('| `settings.LEVEL` | `low`, `high` | `low` | What it does. |');
    expect(rows).toContain('| `secrets.TOKEN` | `{secret, key}` | optional | What it does. |');
  });
});

describe('placeSchema', () => {
  const group = (properties: object) => ({ additionalProperties: false, ...properties });

  it('puts the settings into the schema, and leaves the rest as it is', () => {
    const schema = {
      title: 'Values',
      properties: {
        replicas: { type: 'integer' },
        settings: group({ properties: { GONE: {} } }),
        secrets: group({ required: ['TOKEN'] }),
        files: group({}),
      },
    };
    expect(placeSchema(schema, definition)).toEqual({
      title: 'Values',
      properties: {
        replicas: { type: 'integer' },
        settings: group({ properties: { LEVEL: { enum: ['low', 'high'] } } }),
        secrets: group({
          required: ['TOKEN'],
          properties: { TOKEN: { $ref: '#/definitions/secretSource' } },
        }),
        files: group({
          properties: {
            CA_FILE: { $ref: '#/definitions/source' },
            KUBECONFIG: { $ref: '#/definitions/source' },
          },
        }),
      },
    });
  });

  it.each([null, {}, { properties: { settings: {}, secrets: {} } }])('refuses %j', (schema) => {
    expect(placeSchema(schema, definition)).toBeNull();
  });
});

describe('valueSchema', () => {
  it.each([
    [setting.integer({ ...about, env: 'X', min: 1, max: 5 }), { minimum: 1, maximum: 5 }],
    [setting.integer({ ...about, env: 'X', min: 0 }), { type: 'integer', minimum: 0 }],
    [setting.integer({ ...about, env: 'X', max: 9 }), { type: 'integer', maximum: 9 }],
    [setting.durationMs({ ...about, env: 'X', min: 100 }), { type: ['string', 'integer'] }],
    [setting.boolean({ ...about, env: 'X' }), { type: 'boolean' }],
    [setting.oneOf({ ...about, env: 'X', values: ['a', 'b'] }), { enum: ['a', 'b'] }],
    [setting.list({ ...about, env: 'X' }), { type: ['string', 'array'] }],
    [
      setting.url({ ...about, env: 'X', protocols: ['nats:', 'tls:'], several: true }),
      { type: 'string', pattern: '^(nats://|tls://)' },
    ],
    [setting.url({ ...about, env: 'X', protocols: ['http:'] }), { pattern: '^(http://)' }],
    [setting.string({ ...about, env: 'X' }), { type: 'string', minLength: 1 }],
  ])('of what a setting takes', ({ type }, schema) => {
    expect(valueSchema(type)).toMatchObject(schema);
  });
});
