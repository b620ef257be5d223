import { describe, expect, it } from 'vitest';
import { installFindings, lockFindings, nodeFindings } from './install.ts';

const wanted = new Map([
  ['', { version: '0.1.0' }],
  ['node_modules/pg', { version: '8.23.1' }],
  ['node_modules/@windlass/base', { link: true }],
  ['node_modules/other-platform', { version: '1.0.0', optional: true }],
]);

describe('install', () => {
  it('wants what the lock file says, and excuses links and what is optional', () => {
    expect(installFindings(wanted, new Map([['node_modules/pg', { version: '8.23.1' }]]))).toEqual(
      [],
    );
  });

  it('finds what is missing or of another version', () => {
    const missing = installFindings(wanted, new Map());
    expect(missing.map(({ message }) => message)).toEqual([
      'is not installed, package-lock.json says 8.23.1: run npm ci',
    ]);
    const older = installFindings(wanted, new Map([['node_modules/pg', { version: '8.0.0' }]]));
    expect(older).toHaveLength(1);
  });

  it('finds a lock file without packages', () => {
    expect(installFindings(new Map(), new Map())).toHaveLength(1);
  });

  it('finds a lock file that lags behind a package.json', () => {
    const locked = new Map([
      ['', { devDependencies: { vitest: '5.1.0' } }],
      ['libs/base', { dependencies: { b: '1.0.0', a: '1.0.0' } }],
      ['node_modules/@windlass/base', { resolved: 'libs/base', link: true }],
    ]);
    const root = { devDependencies: { vitest: '5.1.0' } };
    const base = { name: '@windlass/base', dependencies: { a: '1.0.0', b: '1.0.0' } };
    const findings = (manifest: typeof base | null) =>
      lockFindings(locked, (folder) => (folder === '' ? root : manifest)).map(({ path }) => path);
    expect(findings(base)).toEqual([]);
    expect(findings({ ...base, dependencies: { a: '1.0.0', b: '1.0.1' } })).toEqual([
      'libs/base/package.json',
    ]);
    expect(findings(null)).toEqual(['libs/base/package.json']);
  });

  it('finds a Node that is too old', () => {
    expect(nodeFindings('24.21.0')).toEqual([]);
    expect(nodeFindings('20.19.0')).toHaveLength(1);
  });
});
