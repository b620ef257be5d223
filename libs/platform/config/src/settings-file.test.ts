import { fail, ok } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { defineSettings } from './definition.ts';
import { configFileSettings } from './groups.ts';
import { settleSettings } from './load.ts';
import { parseSettings } from './parse.ts';
import { setting } from './setting.ts';
import { settingFileName } from './settings-file.ts';

const about = { description: 'x' };
const definition = defineSettings(
  'demo',
  'Shows settings.',
  {
    ...configFileSettings,
    electionMs: setting.integer({
      ...about,
      env: 'RAFT_ELECTION_TIMEOUT_MS',
      default: 150,
      min: 50,
    }),
    heartbeatMs: setting.integer({ ...about, env: 'RAFT_HEARTBEAT_INTERVAL_MS', default: 50 }),
    region: setting.string({ ...about, env: 'REGION_ID', default: 'us-east', maxLength: 9 }),
    graceMs: setting.durationMs({ ...about, env: 'SHUTDOWN_GRACE_MS', default: 20_000 }),
    strict: setting.boolean({ ...about, env: 'GRPC_TLS_STRICT', default: false }),
    peers: setting.list({ ...about, env: 'LOCKMGR_PEERS', default: [] }),
    token: setting.secret({ ...about, env: 'ADMIN_TOKEN', optional: true }),
  },
  {
    refine: (rule) => [
      rule(['electionMs', 'heartbeatMs'], ({ electionMs, heartbeatMs }) =>
        heartbeatMs * 2 > electionMs
          ? [{ env: 'RAFT_HEARTBEAT_INTERVAL_MS', message: 'must be at most half of it' }]
          : [],
      ),
    ],
  },
);

const path = 'lock.yaml';

/** The settings where the file has this text, or what is wrong. */
function read(text: string, env: Readonly<Record<string, string>> = {}) {
  const files: Readonly<Record<string, string>> = { [path]: text, token: 'hunter2' };
  return parseSettings(definition, { CONFIG_FILE: path, ...env }, (name) => {
    const content = files[name];
    return content === undefined ? fail('names no file') : ok(content);
  });
}

function problemsOf(text: string, env: Readonly<Record<string, string>> = {}): readonly string[] {
  const outcome = read(text, env);
  return outcome.ok ? [] : outcome.error.map(({ env: name, message }) => `${name} ${message}`);
}

describe('the name in a file', () => {
  it.each([
    ['RAFT_ELECTION_TIMEOUT_MS', 'raft.electionTimeoutMs'],
    ['LOCK_DEFAULT_TIMEOUT_MS', 'lock.defaultTimeoutMs'],
    ['REGION_ID', 'region.id'],
    ['KUBECONFIG', 'kubeconfig'],
  ])('of %s is %s', (variable, name) => expect(settingFileName(variable)).toBe(name));
});

describe('a settings file', () => {
  it.each([
    ['dotted names', 'raft.electionTimeoutMs: 300\nregion.id: us-west\n'],
    ['nested maps', 'raft:\n  electionTimeoutMs: 300\nregion: {id: us-west}\n'],
    ['JSON', '{"raft": {"electionTimeoutMs": 300}, "region.id": "us-west"}'],
  ])('has settings as %s', (_, text) =>
    expect(read(text)).toMatchObject({ ok: true, value: { electionMs: 300, region: 'us-west' } }),
  );

  it('has every form: number, duration, flag, list, the file of a secret', () => {
    const text = `
shutdown.graceMs: 5s
raft.heartbeatIntervalMs: 2e+01
grpc.tlsStrict: true
lockmgr.peers: [a=h:1, b=h:2]
admin.tokenFile: token
region.id:
`;
    expect(read(text)).toMatchObject({
      ok: true,
      value: {
        graceMs: 5_000,
        heartbeatMs: 20,
        strict: true,
        peers: ['a=h:1', 'b=h:2'],
        token: 'hunter2',
        region: 'us-east',
      },
    });
  });

  it.each(['', '# nothing yet\n', '---\n'])('may be empty: %j', (text) =>
    expect(read(text)).toMatchObject({ ok: true, value: { electionMs: 150 } }),
  );

  it('gives way to the environment, which an empty variable is no part of', () => {
    const text = 'raft.electionTimeoutMs: 300\nregion.id: us-west\nadmin.tokenFile: missing\n';
    const env = { RAFT_ELECTION_TIMEOUT_MS: '400', REGION_ID: '', ADMIN_TOKEN: 'hunter3' };
    expect(read(text, env)).toMatchObject({
      ok: true,
      value: { electionMs: 400, region: 'us-west', token: 'hunter3' },
    });
  });

  it('has all its problems told at once, with file, line and key, beside the others', () => {
    const text = `raft:
  electionTimeoutMs: "300"
  heartbeatMs: 10
region.id: 7
raft.heartbeat-interval-ms: 10
shutdown.graceMs: [5s]
grpc.tlsStrict: "yes"
lockmgr.peers: [1, 2]
admin.token: hunter2
config.file: other.yaml
`;
    expect(problemsOf(text, { LOG_LEVEL: '', SHUTDOWN_GRACE_MS: '1 s' })).toEqual([
      'lock.yaml:2 raft.electionTimeoutMs must be a number, without quotes',
      'lock.yaml:3 raft.heartbeatMs is not a known setting',
      'lock.yaml:4 region.id must be a text (in quotes, where YAML reads something else)',
      'lock.yaml:5 raft.heartbeat-interval-ms is not a known setting; raft.heartbeatIntervalMs is',
      'lock.yaml:6 shutdown.graceMs must be a number of milliseconds, or a text such as 90s',
      'lock.yaml:7 grpc.tlsStrict must be true or false, without quotes',
      'lock.yaml:8 lockmgr.peers must be a list of texts, or a text with commas',
      'lock.yaml:9 admin.token is secret: name a file with admin.tokenFile',
      'lock.yaml:10 config.file is not a known setting',
      'SHUTDOWN_GRACE_MS must be a duration of at least 0ms (such as 1500ms, 90s, 5m or 2h), not "1 s"',
    ]);
  });

  it('is named by what a value of it breaks: its own limits, and rules between settings', () => {
    expect(problemsOf('raft.electionTimeoutMs: 5\nregion.id: far-too-long\n')).toEqual([
      'lock.yaml:1 raft.electionTimeoutMs must be a whole number of at least 50, not "5"',
      'lock.yaml:2 region.id must have 1 to 9 characters, not 12',
    ]);
    expect(problemsOf('\nraft.heartbeatIntervalMs: 100\n')).toEqual([
      'lock.yaml:2 raft.heartbeatIntervalMs must be at most half of it',
    ]);
    expect(problemsOf('', { RAFT_HEARTBEAT_INTERVAL_MS: '100' })).toEqual([
      'RAFT_HEARTBEAT_INTERVAL_MS must be at most half of it',
    ]);
  });

  it.each([
    ['a: {b', /^lock\.yaml:1 /],
    ['raft.electionTimeoutMs: 300\nraft.electionTimeoutMs: 400\n', /^lock\.yaml:2 .*unique/],
    ['raft.electionTimeoutMs: 300\nraft: {electionTimeoutMs: 1}\n', /:2 raft.* is there twice$/],
    ['[1, 2]', /^lock\.yaml:1 must hold a map of settings$/],
    ['raft.electionTimeoutMs: {a: 1}\n', /:1 raft\.electionTimeoutMs must be a number/],
    ['raft: 300\n', /^lock\.yaml:1 raft is not a known setting$/],
    ['a: &x 300\nraft.electionTimeoutMs: *x\n', /:2 raft\.electionTimeoutMs is an alias/],
  ])('is refused: %j', (text, problem) => {
    expect(problemsOf(text).join('\n')).toMatch(problem);
  });

  it('that is not there is a problem of CONFIG_FILE', () => {
    expect(problemsOf('', { CONFIG_FILE: 'other' })).toEqual(['CONFIG_FILE names no file']);
  });

  it('never has a secret of it shown', () => {
    expect(JSON.stringify(problemsOf('admin.token: hunter2\n'))).not.toContain('hunter2');
  });

  it('is not looked at by an app without the setting', () => {
    const { configFile: _, ...settings } = definition.settings;
    const plain = defineSettings('plain', 'Has none.', settings);
    expect(parseSettings(plain, { CONFIG_FILE: 'other' })).toMatchObject({ ok: true });
  });

  it('stands in --help, with the commands of the app', () => {
    const { settings } = definition;
    const app = defineSettings('demo', 'x', settings, { usage: ['demo restore --file <backup>'] });
    const settled = settleSettings(app, { argv: ['--help'], env: {} });
    expect(settled.ok ? '' : settled.error.text).toContain(
      'Usage: demo [--help]\n       demo restore --file <backup>\n',
    );
    expect(settled.ok ? '' : settled.error.text).toContain('The YAML file of CONFIG_FILE');
  });
});
