import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, ok } from '@windlass/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineSettings, type SettingsOf } from './definition.ts';
import { parseSettings } from './parse.ts';
import { setting } from './setting.ts';

const definition = defineSettings(
  'demo',
  'Shows settings.',
  {
    port: setting.integer({
      env: 'PORT',
      default: 8000,
      min: 0,
      max: 65_535,
      description: 'Port.',
    }),
    mode: setting.oneOf({
      env: 'MODE',
      values: ['header', 'jwt'],
      default: 'header',
      description: 'How users are known.',
    }),
    proxies: setting.list({ env: 'PROXIES', default: [], description: 'Trusted proxies.' }),
    issuer: setting.url({
      env: 'ISSUER',
      protocols: ['https:'],
      optional: true,
      description: 'Issuer.',
    }),
    key: setting.secret({ env: 'KEY', minLength: 8, description: 'Key.' }),
  },
  {
    refine: (rule) => [
      rule(['mode', 'proxies'], ({ mode, proxies }) =>
        mode === 'header' && proxies.length === 0
          ? [{ env: 'PROXIES', message: 'must be set with MODE=header' }]
          : [],
      ),
      rule(['mode', 'issuer'], ({ mode, issuer }) =>
        mode === 'jwt' && issuer === null
          ? [{ env: 'ISSUER', message: 'must be set with MODE=jwt' }]
          : [],
      ),
    ],
  },
);

const valid = { PROXIES: '10.0.0.0/8', KEY: 'a long secret' };

describe('parseSettings', () => {
  it('gives typed settings with their defaults', () => {
    const expected: SettingsOf<typeof definition> = {
      port: 8000,
      mode: 'header',
      proxies: ['10.0.0.0/8'],
      issuer: null,
      key: 'a long secret',
    };
    expect(parseSettings(definition, valid)).toEqual(ok(expected));
  });

  it('counts an empty variable as unset', () => {
    const outcome = parseSettings(definition, { ...valid, PORT: '', ISSUER: '', KEY_FILE: '' });
    expect(outcome).toMatchObject({ ok: true, value: { port: 8000, issuer: null } });
  });

  it('lists every problem at once, in the order of the definition, rules last', () => {
    expect(parseSettings(definition, { PORT: 'x', ISSUER: 'http://insecure' })).toEqual(
      fail([
        { env: 'PORT', message: 'must be a whole number from 0 to 65535, not "x"' },
        { env: 'ISSUER', message: 'must be a URL that starts with https://' },
        { env: 'KEY', message: 'must be set (or KEY_FILE): Key.' },
        { env: 'PROXIES', message: 'must be set with MODE=header' },
      ]),
    );
  });

  it('applies a rule only where all it reads is valid', () => {
    const seen: unknown[] = [];
    const pair = defineSettings(
      'pair',
      'Two numbers.',
      {
        least: setting.integer({ env: 'LEAST', default: 1, description: 'Least.' }),
        most: setting.integer({ env: 'MOST', default: 9, description: 'Most.' }),
      },
      {
        refine: (rule) => [
          rule(['least', 'most'], (values) => {
            seen.push(values);
            return [];
          }),
        ],
      },
    );
    parseSettings(pair, { MOST: 'x' });
    parseSettings(pair, { MOST: '5' });
    expect(seen).toEqual([{ least: 1, most: 5 }]);
  });

  it('reads only its own variables', () => {
    expect(parseSettings(definition, { ...valid, OTHER: 'x', port: '1' }).ok).toBe(true);
  });
});

describe('<ENV>_FILE of a secret', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'windlass-config-'));
    writeFileSync(join(folder, 'key'), 'from a file\n');
    writeFileSync(join(folder, 'empty'), '\n');
    writeFileSync(join(folder, 'large'), 'x'.repeat(65_537));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const withFile = (name: string, more: Readonly<Record<string, string>> = {}) =>
    parseSettings(definition, { PROXIES: 'x', KEY_FILE: join(folder, name), ...more });

  it('gives the secret without the line end', () => {
    expect(withFile('key')).toMatchObject({ ok: true, value: { key: 'from a file' } });
  });

  it.each([
    ['missing', 'ENOENT'],
    ['', 'EISDIR'],
    ['empty', 'empty'],
    ['large', '65537 bytes'],
  ])('refuses %j with the reason', (name, reason) => {
    const outcome = withFile(name);
    expect(outcome).toMatchObject({ ok: false, error: [{ env: 'KEY_FILE' }] });
    expect(JSON.stringify(outcome)).toContain(reason);
  });

  it('does not choose between the two', () => {
    expect(withFile('key', { KEY: 'direct secret' })).toEqual(
      fail([{ env: 'KEY_FILE', message: 'must not be set together with KEY' }]),
    );
  });

  it('checks the content like any value', () => {
    const outcome = parseSettings(definition, { PROXIES: 'x', KEY_FILE: '/k' }, () => ok('short'));
    expect(outcome).toEqual(
      fail([{ env: 'KEY', message: 'must have 8 to 65536 characters, not 5' }]),
    );
  });
});

describe('defineSettings', () => {
  it('refuses to define a variable twice', () => {
    const port = setting.integer({ env: 'PORT', default: 1, description: 'Port.' });
    expect(() => defineSettings('demo', 'Twice.', { port, again: port })).toThrow(
      'defines a variable twice: PORT, PORT',
    );
  });
});
