import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownIdentity, type ProcessIdentity } from '../processes/identity.ts';
import { stackFolder } from './folder.ts';
import {
  isInfrastructureOnly,
  readHold,
  removeHold,
  setInfrastructureOnly,
  writeHold,
} from './holds.ts';
import { liveHolder, lockHolder, releaseLock, takeLock } from './lock.ts';
import { readLockCluster, writeLockCluster } from './lock-cluster.ts';
import {
  parseState,
  readKnownState,
  readState,
  type StackState,
  stateVersion,
  writeState,
} from './state-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stack-state-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const own = ownIdentity();
const dead: ProcessIdentity = { pid: process.pid, startTime: 'long ago' };
const parent: ProcessIdentity = { pid: own.pid + 1, startTime: 'somebody' };

const state: StackState = {
  version: stateVersion,
  supervisor: own,
  startedAtMs: 1,
  plan: {
    ports: {
      api: 1,
      worker: 2,
      watcher: 3,
      lockmgr: 7,
      'lockmgr-http': 8,
      postgres: 4,
      nats: 5,
      kubernetes: 6,
    },
    moved: [],
    postgres: { kind: 'own' },
    nats: { kind: 'external', shown: 'nats://there:4222/' },
    kubernetes: { kind: 'own' },
    lockmgr: { kind: 'own' },
  },
  connections: { databaseUrl: null, natsUrl: null, kubeconfig: null },
  components: [],
};

describe('the ports of the lock managers', () => {
  it('are remembered apart from the state, which a start without them forgets', () => {
    const stack = stackFolder('test', folder);
    mkdirSync(stack.path, { recursive: true });
    expect(readLockCluster(stack)).toBeNull();
    writeLockCluster(stack, { lockmgr: 9090, 'lockmgr-2': 9100 });
    expect(readLockCluster(stack)).toEqual({ lockmgr: 9090, 'lockmgr-2': 9100 });
  });
});

describe('the state file', () => {
  it('gives back what was written, in one file', () => {
    const path = join(folder, 'state.json');
    writeState(path, state);
    expect(readState(path)).toEqual(state);
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('is null before the first start', () => {
    expect(readState(join(folder, 'state.json'))).toBeNull();
  });

  it('is refused where it is cut short, or of another version', () => {
    expect(parseState('{"version":')).toBeNull();
    expect(parseState(JSON.stringify({ ...state, version: stateVersion + 1 }))).toBeNull();
    expect(parseState('null')).toBeNull();
    const path = join(folder, 'state.json');
    writeFileSync(path, '{}');
    expect(readKnownState(path)).toBeNull();
    expect(() => readState(path)).toThrow(/make restart/);
  });
});

/** Of the folder of this test. */
function lock(): string {
  return join(folder, 'supervisor.lock');
}

describe('the lock', () => {
  it('is had by one', () => {
    expect(takeLock(lock(), own)).toBeNull();
    expect(takeLock(lock(), parent)).toEqual(own);
    expect(liveHolder(lock())).toEqual(own);
  });

  it('is taken over from a dead holder, and leaves no other file', () => {
    expect(takeLock(lock(), dead)).toBeNull();
    expect(liveHolder(lock())).toBeNull();
    expect(takeLock(lock(), own)).toBeNull();
    expect(lockHolder(lock())).toEqual(own);
    expect(readdirSync(folder)).toEqual(['supervisor.lock']);
  });

  it('is given back only by its holder', () => {
    takeLock(lock(), own);
    releaseLock(lock(), parent);
    expect(lockHolder(lock())).toEqual(own);
    releaseLock(lock(), own);
    expect(lockHolder(lock())).toBeNull();
  });
});

describe('a hold', () => {
  it('lasts as long as its process', () => {
    writeHold(folder, 'api', own);
    expect(readHold(folder, 'api')).toEqual(own);
    expect(readHold(folder, 'worker')).toBeNull();
    writeHold(folder, 'api', dead);
    expect(readHold(folder, 'api')).toBeNull();
    removeHold(folder, 'api');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is on all apps where only servers are wanted', () => {
    expect(isInfrastructureOnly(folder)).toBe(false);
    setInfrastructureOnly(folder, true);
    expect(isInfrastructureOnly(folder)).toBe(true);
    setInfrastructureOnly(folder, false);
    expect(isInfrastructureOnly(folder)).toBe(false);
  });
});

describe('the name of a stack', () => {
  it('cannot lead out of its folder', () => {
    expect(stackFolder('b-2', '/x').path).toBe('/x/.windlass/b-2');
    for (const name of ['', '..', 'a/b', 'A', '-a', 'a'.repeat(32)]) {
      expect(() => stackFolder(name, '/x')).toThrow(RangeError);
    }
  });
});
