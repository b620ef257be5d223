import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { infraDir, locateServers } from '@windlass/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureServers } from './ensure.ts';

let folder: string;
let env: NodeJS.ProcessEnv;
const written: string[] = [];
const output = { write: (text: string) => void written.push(text) };

beforeEach(() => {
  written.length = 0;
  folder = mkdtempSync(join(tmpdir(), 'windlass-ensure-'));
  mkdirSync(join(folder, 'tools'));
  mkdirSync(join(folder, 'kwok'));
  env = { XDG_CACHE_HOME: join(folder, 'cache'), PATH: `${join(folder, 'tools')}:/usr/bin:/bin` };
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A `go` that does what the script says; the real one takes minutes. */
function fakeGo(script: string): void {
  const file = join(folder, 'tools/go');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

/** Lists two packages, "compiles" into the file after -o, and has stages. */
function workingGo(): void {
  for (const stages of ['node/fast', 'node/heartbeat-with-lease', 'pod/chaos', 'pod/general']) {
    const dir = join(folder, 'kwok/kustomize/stage', stages);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'stage.yaml'), 'kind: Stage\n', { mode: 0o444 });
    writeFileSync(join(dir, 'kustomization.yaml'), 'kind: Kustomization\n');
  }
  fakeGo(`echo "$*" >> ${folder}/calls
    case "$1 $2" in
      "env GOVERSION") echo go1.99.0 ;;
      "list -m") echo ${folder}/kwok ;;
      "list -deps") echo "go: downloading a v1" >&2; echo a; echo b ;;
      build*) echo a >&2; sleep 0.05; printf x > "$4" ;;
    esac`);
}

describe('ensureServers', () => {
  it('builds once, and finds what it built', async () => {
    workingGo();
    await ensureServers({ output, env });
    const { path, stagesDir } = locateServers(env);
    expect(existsSync(path('kube-apiserver'))).toBe(true);
    expect(readdirSync(join(stagesDir, 'pod/general'))).toEqual(['stage.yaml']);
    expect(written.join('')).toMatch(/with go1\.99\.0.*compiled 3 packages.*built into/s);
    rmSync(join(folder, 'tools/go'));
    await ensureServers({ output, env });
    expect(written.at(-1)).toMatch(/^servers: ready in /);
  });

  it('removes the build of other pins once nothing has used it for two weeks', async () => {
    workingGo();
    const old = join(dirname(infraDir(env)), `infra-${'0'.repeat(16)}`);
    mkdirSync(join(old, 'bin'), { recursive: true });
    await ensureServers({ output, env });
    expect(existsSync(old)).toBe(true);
    utimesSync(old, 0, 0);
    utimesSync(infraDir(env), 0, 0);
    await ensureServers({ output, env });
    expect(existsSync(old)).toBe(false);
    expect(written.at(-1)).toContain(`removed ${old}`);
    expect(statSync(infraDir(env)).mtimeMs).toBeGreaterThan(Date.now() - 60_000);
  });

  it('does the work once when two ask at the same time', async () => {
    workingGo();
    await Promise.all([ensureServers({ output, env }), ensureServers({ output, env })]);
    expect(written.join('').match(/compiled 3 packages/g)).toHaveLength(1);
    expect(readdirSync(dirname(infraDir(env)))).toHaveLength(1);
  });

  it('leaves nothing of a build that failed, and says why', async () => {
    workingGo();
    fakeGo('[ "$1" = build ] && { echo "servers/main.go:1: broken" >&2; exit 1; }; echo go1.99.0');
    await expect(ensureServers({ output, env })).rejects.toThrow(
      'go build ended with code 1:\nservers/main.go:1: broken',
    );
    expect(readdirSync(dirname(infraDir(env)))).toEqual([]);
  });

  it('removes what a killed build left, and builds', async () => {
    workingGo();
    mkdirSync(`${infraDir(env)}.building-99999999/bin`, { recursive: true });
    writeFileSync(`${infraDir(env)}.lock`, '99999999 1234');
    await ensureServers({ output, env });
    expect(readdirSync(dirname(infraDir(env)))).toHaveLength(1);
  });

  it('ends the compiler when it is interrupted', async () => {
    fakeGo('[ "$1" = env ] && { echo go1.99.0; exit; }; exec sleep 30');
    const signal = AbortSignal.timeout(100);
    await expect(ensureServers({ output, env, signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(readdirSync(dirname(infraDir(env)))).toEqual([]);
  });

  it('says what to do without Go', async () => {
    env['PATH'] = join(folder, 'tools');
    await expect(ensureServers({ output, env })).rejects.toThrow(
      /Go 1\.\d+\.\d+ or later is needed.*Install Go, or put the servers on the PATH/s,
    );
  });

  it('builds nothing where the PATH is to be used', async () => {
    const onPath = { ...env, WINDLASS_INFRA: 'path' };
    await expect(ensureServers({ output, env: onPath })).rejects.toThrow(/the PATH has no/);
  });
});
