import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { defineSettings } from './definition.ts';
import {
  httpSettings,
  kubeSettings,
  lifecycleSettings,
  natsSettings,
  postgresSettings,
  telemetrySettings,
} from './groups.ts';
import { settleSettings } from './load.ts';
import { parseSettings } from './parse.ts';
import { settingsTable } from './tables.ts';

const definition = defineSettings('demo', 'Shows settings.', {
  ...httpSettings({ port: 8000 }),
  ...postgresSettings,
  ...natsSettings,
  ...kubeSettings,
  ...telemetrySettings,
  ...lifecycleSettings,
});
const env = { DATABASE_URL: 'postgres://user:hunter2@db/windlass', NATS_TOKEN: 'hunter3' };

describe('settleSettings', () => {
  it('gives the settings where nothing is wrong', () => {
    const settled = settleSettings(definition, { argv: [], env });
    expect(settled).toMatchObject({
      ok: true,
      value: { httpPort: 8000, natsToken: 'hunter3', shutdownGraceMs: 20_000 },
    });
  });

  it.each(['--help', '-h'])('%s prints every setting and ends well, whatever is wrong', (flag) => {
    const settled = settleSettings(definition, { argv: ['--foo', flag], env: { HTTP_PORT: 'x' } });
    if (settled.ok) throw new Error('help is no settings');
    expect(settled.error).toMatchObject({ exitCode: 0, stream: 'stdout' });
    for (const { env: name } of Object.values(definition.settings)) {
      expect(settled.error.text).toContain(`  ${name}  (`);
    }
    const widest = Math.max(...settled.error.text.split('\n').map((line) => line.length));
    expect(widest).toBeLessThanOrEqual(100);
  });

  it('refuses unknown arguments together with all other problems', () => {
    const argv = ['--token=hunter4', 'start'];
    const settled = settleSettings(definition, { argv, env: { LOG_LEVEL: 'loud' } });
    if (settled.ok) throw new Error('these are no settings');
    expect(settled.error).toMatchObject({ exitCode: 1, stream: 'stderr' });
    expect(settled.error.text).toMatch(/^demo can't start: 4 problems with its settings\n/);
    expect(settled.error.text).toContain('  --token=… is not known; the only argument is --help');
    expect(settled.error.text).toContain('  start is not known');
    expect(settled.error.text).toContain('  LOG_LEVEL must be one of debug, info, warn, error');
    expect(settled.error.text).not.toContain('hunter4');
  });

  it('never shows a secret, however wrong it is', () => {
    const bad = {
      DATABASE_URL: 'mysql://u:hunter2@db',
      NATS_URL: 'x://u:hunter2@n',
      NATS_TOKEN: '',
    };
    for (const flag of [[], ['--help']]) {
      const settled = settleSettings(definition, { argv: flag, env: { ...bad, HTTP_PORT: 'x' } });
      expect(JSON.stringify(settled)).not.toContain('hunter');
    }
  });
});

describe('loadSettings', () => {
  const script = `
    import { defineSettings, loadSettings, setting } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)};
    const definition = defineSettings('demo', 'Shows settings.', {
      port: setting.integer({ env: 'PORT', min: 1, description: 'Port.' }),
    });
    const settings = loadSettings(definition, { argv: process.argv.slice(1), env: process.env });
    console.log(JSON.stringify(settings));
  `;
  const run = (argv: readonly string[], port: string) =>
    new Promise<readonly [number, string, string]>((resolve) => {
      const parameters = ['--input-type=module', '-e', script, '--', ...argv];
      const child = execFile(
        process.execPath,
        parameters,
        { env: { PORT: port }, timeout: 10_000 },
        (_error, stdout, stderr) => resolve([child.exitCode ?? -1, stdout, stderr]),
      );
    });

  it('ends with 0 for help, 1 for problems, else goes on', { timeout: 30_000 }, async () => {
    const [good, help, bad] = await Promise.all([run([], '7'), run(['--help'], ''), run([], '0')]);
    expect(good).toEqual([0, '{"port":7}\n', '']);
    expect(help[0]).toBe(0);
    expect(help[1]).toContain('  PORT  (whole number of at least 1; required)\n      Port.');
    expect(bad.slice(0, 2)).toEqual([1, '']);
    expect(bad[2]).toContain('PORT must be a whole number of at least 1, not "0"');
  });
});

describe('the shared groups', () => {
  it('have sound defaults: only DATABASE_URL must be set', () => {
    const outcome = parseSettings(definition, {});
    expect(outcome).toMatchObject({ ok: false, error: [{ env: 'DATABASE_URL' }] });
  });

  it('listen on this machine only, unless told otherwise', () => {
    expect(definition.settings.httpHost.defaultText).toBe('127.0.0.1');
  });
});

describe('settingsTable', () => {
  it('has one row per setting, with the file of a secret', () => {
    const table = settingsTable(definition);
    const rows = table.trimEnd().split('\n');
    expect(rows).toHaveLength(2 + Object.keys(definition.settings).length);
    expect(rows.every((row) => row.split('|').length === 6)).toBe(true);
    expect(table).toContain('| `DATABASE_URL`, `DATABASE_URL_FILE` | ');
    expect(table).toContain('| `HTTP_PORT` | whole number from 0 to 65535 | `8000` | ');
  });
});
