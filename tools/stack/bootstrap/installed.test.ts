import { describe, expect, it } from 'vitest';
import { whyInstall } from './installed.mjs';

const lock = (packages: Record<string, object>) => JSON.stringify({ packages });
const wanted = lock({
  '': { name: 'root' },
  'apps/api': { version: '0.1.0' },
  'node_modules/@windlass/app-api': { resolved: 'apps/api', link: true },
  'node_modules/a': { version: '1.0.0', integrity: 'x' },
  'node_modules/a/node_modules/@b/c': { version: '2.0.0', integrity: 'y' },
  'node_modules/for-another-platform': { version: '3.0.0', optional: true },
});
const installed = {
  'apps/api': { version: '0.1.0' },
  'node_modules/@windlass/app-api': { resolved: 'apps/api', link: true },
  'node_modules/a': { version: '1.0.0', integrity: 'x' },
  'node_modules/a/node_modules/@b/c': { version: '2.0.0', integrity: 'y' },
};

describe('whyInstall', () => {
  it('is content with what the lock file asks for', () => {
    expect(whyInstall(wanted, lock(installed))).toBeNull();
  });

  it('installs where nothing is, or an install was cut short', () => {
    expect(whyInstall(wanted, null)).toBe('nothing is installed');
  });

  it('installs where a package is missing, also a linked one', () => {
    const { 'node_modules/a': _, ...withoutA } = installed;
    expect(whyInstall(wanted, lock(withoutA))).toBe('a is missing');
    const { 'node_modules/@windlass/app-api': __, ...withoutLink } = installed;
    expect(whyInstall(wanted, lock(withoutLink))).toBe('@windlass/app-api is missing');
  });

  it('installs where a version or the contents changed', () => {
    const older = {
      ...installed,
      'node_modules/a/node_modules/@b/c': { version: '1.9.0', integrity: 'z' },
    };
    expect(whyInstall(wanted, lock(older))).toBe('@b/c is 1.9.0, the lock file has 2.0.0');
    const other = { ...installed, 'node_modules/a': { version: '1.0.0', integrity: 'other' } };
    expect(whyInstall(wanted, lock(other))).toMatch(/^a is 1\.0\.0/);
  });

  it('lets a package of this platform be that the lock file lacks', () => {
    const more = { ...installed, 'node_modules/a-for-this': { version: '1.0.0', optional: true } };
    expect(whyInstall(wanted, lock(more))).toBeNull();
  });

  it('installs where something is no longer wanted', () => {
    const more = { ...installed, 'node_modules/old': { version: '1.0.0' } };
    expect(whyInstall(wanted, lock(more))).toBe('old is no longer in the lock file');
  });
});
