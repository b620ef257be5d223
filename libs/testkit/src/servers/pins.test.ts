import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { locateServers } from './binaries.ts';
import { cacheDir, infraDir, infraModuleDir, linkerFlags, pinsHash, programNames } from './pins.ts';

const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-pins-'));
  folders.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('pinsHash', () => {
  it('changes with a pin, a checksum and a source, and with nothing else', () => {
    const copy = newFolder();
    for (const name of ['go.mod', 'go.sum', 'servers', 'tools.go']) {
      cpSync(join(infraModuleDir, name), join(copy, name), { recursive: true });
    }
    expect(pinsHash(copy)).toBe(pinsHash());
    writeFileSync(join(copy, 'README.md'), 'text');
    expect(pinsHash(copy)).toBe(pinsHash());
    const hashes = ['go.mod', 'go.sum', 'servers/main.go'].map((name) => {
      writeFileSync(join(copy, name), '\n', { flag: 'a' });
      return pinsHash(copy);
    });
    expect(new Set([pinsHash(), ...hashes]).size).toBe(4);
  });
});

describe('linkerFlags', () => {
  it('stamps the versions that go.mod pins', () => {
    const goMod = [
      'k8s.io/kubernetes v1.36.3',
      'helm.sh/helm/v3 v3.22.0',
      'helm.sh/helm/v4 v4.3.1',
      'github.com/fullstorydev/grpcurl v1.9.3',
    ];
    expect(linkerFlags(goMod.join('\n\t'))).toBe(
      '-s -w -X k8s.io/component-base/version.gitVersion=v1.36.3 ' +
        '-X k8s.io/component-base/version.gitMajor=1 ' +
        '-X k8s.io/component-base/version.gitMinor=36 ' +
        '-X helm.sh/helm/v4/internal/version.version=v4.3.1 ' +
        '-X helm.sh/helm/v3/internal/version.version=v3.22.0 -X main.version=v1.9.3',
    );
    expect(() => linkerFlags(goMod.slice(1).join('\n'))).toThrow('go.mod requires no k8s.io/kube');
  });
});

describe('cacheDir', () => {
  it('follows XDG_CACHE_HOME when that is absolute', () => {
    expect(cacheDir({ XDG_CACHE_HOME: '/var/cache' })).toBe('/var/cache/windlass');
    expect(cacheDir({ XDG_CACHE_HOME: 'cache' })).toMatch(/\.cache\/windlass$/);
    expect(cacheDir({})).toMatch(/\.cache\/windlass$/);
  });
});

function fillBin(folder: string, names: readonly string[]): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const name of names) writeFileSync(join(bin, name), '', { mode: 0o755 });
  return bin;
}

describe('locateServers', () => {
  it('prefers what was built', () => {
    const env = { XDG_CACHE_HOME: newFolder(), PATH: '' };
    expect(() => locateServers(env)).toThrow('not built; build them once with');
    const bin = fillBin(infraDir(env), ['kubectl']);
    expect(locateServers(env).path('kubectl')).toBe(join(bin, 'kubectl'));
  });

  it('takes the PATH when it has everything, or when told to', () => {
    const folder = newFolder();
    const cache = newFolder();
    const bin = fillBin(folder, programNames);
    const env = { XDG_CACHE_HOME: cache, PATH: `/nowhere:${bin}` };
    expect(() => locateServers(env)).toThrow('not built');
    expect(() => locateServers({ ...env, WINDLASS_INFRA: 'path' })).toThrow(`no ${folder}/stages`);
    mkdirSync(join(folder, 'stages'));
    expect(locateServers(env).path('kwok')).toBe(join(bin, 'kwok'));
    fillBin(infraDir(env), []);
    expect(locateServers({ ...env, WINDLASS_INFRA: 'path' }).stagesDir).toBe(`${folder}/stages`);
    rmSync(join(bin, 'etcd'));
    expect(() => locateServers({ ...env, WINDLASS_INFRA: 'path' })).toThrow('no etcd');
    expect(() => locateServers({ WINDLASS_INFRA: 'maybe' })).toThrow('auto, path or built');
  });
});
