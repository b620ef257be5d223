import { required, seededRandom } from '@windlass/base';
import { acquire, LockCode, LockScope, release, setMetadata } from '@windlass/lock-wire';
import { describe, expect, it } from 'vitest';
import { LockMachine } from './lock-machine.ts';
import {
  MachineDriver,
  openSession,
  operationOf,
  restoreFrom,
  snapshotPieces,
  stateText,
} from './testing/machine-driver.ts';
import type { LockView } from './types.ts';
import { type VersionTable, versionTable } from './versions.ts';

const keyOf = (index: number) => `lock/${String(index).padStart(5, '0')}`;

/** Sessions 1 to 10 with 400 locks each, some of them metadata. */
function filled(lockCount = 4_000): MachineDriver {
  const driver = new MachineDriver();
  driver.open(...Array.from({ length: 10 }, (_, index) => index + 1));
  const metadata = new TextEncoder().encode('held');
  for (let index = 0; index < lockCount; index += 1) {
    const bytes = index % 7 === 0 ? metadata : new Uint8Array(0);
    const operation = acquire({ sequence: index + 1, key: keyOf(index), metadata: bytes });
    driver.apply(operationOf((index % 10) + 1, operation));
  }
  return driver;
}

/** Releases and takes locks at random, and changes metadata. */
function stir(driver: MachineDriver, random: ReturnType<typeof seededRandom>): void {
  const key = keyOf(random.integer(0, 4_500));
  const holder = driver.machine.get(key)?.holders[0];
  if (holder === undefined) driver.take(random.integer(1, 10), key);
  else if (random.chance(0.7)) driver.give(holder.sessionId, key, holder.token);
  else {
    const { sessionId, token } = holder;
    const metadata = new Uint8Array([1, 2, 3]);
    driver.operate(sessionId, setMetadata({ sequence: 0, key, token, metadata }));
  }
}

describe('a snapshot', () => {
  it('is the state at its index, however much changes while it is written', () => {
    const driver = filled();
    const twin = filled();
    const random = seededRandom('stir');
    expect(stateText(driver.machine)).toBe(stateText(twin.machine));
    const pieces = snapshotPieces(driver.machine, 1_500, () => {
      for (let left = 8; left > 0; left -= 1) stir(driver, random);
    });
    expect(pieces.length).toBeGreaterThan(50);
    expect(driver.machine.appliedIndex).toBeGreaterThan(twin.machine.appliedIndex + 500);
    const restored = restoreFrom(pieces);
    expect(stateText(restored)).toBe(stateText(twin.machine));
    expect(restored.checkInvariants()).toEqual([]);
    expect(driver.machine.checkInvariants()).toEqual([]);
  });

  it('is one at a time, and may be given up', () => {
    const driver = filled(10);
    const first = driver.machine.snapshot();
    expect(first.index).toBe(driver.machine.appliedIndex);
    first.next(1);
    expect(() => driver.machine.snapshot()).toThrow('a snapshot is being written already');
    first.close();
    expect(() => first.next(1)).toThrow('the snapshot is closed');
    expect(stateText(restoreFrom(snapshotPieces(driver.machine, 1e6)))).toBe(
      stateText(driver.machine),
    );
  });

  it('keeps answers, holds, queues and the order in which a session ends', () => {
    const random = seededRandom('order');
    const driver = filled(300);
    driver.open(11, 12);
    for (let index = 0; index < 300; index += 1) driver.take(11, keyOf(index), index + 1, 1_000);
    const pieces = snapshotPieces(driver.machine, 200, () => {
      const key = keyOf(random.integer(0, 299));
      const holder = driver.machine.get(key)?.holders[0];
      if (holder !== undefined) driver.give(holder.sessionId, key, holder.token);
    });
    const twin = filled(300);
    twin.open(11, 12);
    for (let index = 0; index < 300; index += 1) twin.take(11, keyOf(index), index + 1, 1_000);
    const end = (machine: LockMachine) =>
      [3, 11, 1].map((sessionId) =>
        machine.apply({ index: machine.appliedIndex + 1, term: 1 }, [
          { kind: 'expire-session', sessionId, lastIndex: machine.appliedIndex, term: 1 },
        ]),
      );
    expect(end(restoreFrom(pieces))).toEqual(end(twin.machine));
  });
});

describe('a damaged snapshot', () => {
  const pieces = snapshotPieces(filled(12).machine, 1e6);
  const whole = Uint8Array.from(pieces.flatMap((piece) => [...piece]));

  function refusalOf(bytes: Uint8Array): string | null {
    const restore = LockMachine.restore();
    restore.push(bytes);
    const read = restore.finish();
    return read.ok ? null : read.error.kind;
  }

  it('is refused, whichever bit of it is wrong', () => {
    expect(refusalOf(whole)).toBeNull();
    for (let index = 0; index < whole.length; index += 1) {
      const bytes = whole.slice();
      bytes[index] = required(bytes[index], 'the byte') ^ (1 << (index % 8));
      expect(refusalOf(bytes), `byte ${index}`).not.toBeNull();
    }
  });

  it('is refused when it is cut off, goes on, or is something else', () => {
    for (let length = 0; length < whole.length; length += 1) {
      expect(refusalOf(whole.slice(0, length)), `the first ${length} bytes`).toBe('damaged');
    }
    expect(refusalOf(Uint8Array.from([...whole, 0]))).toBe('damaged');
    expect(refusalOf(Uint8Array.from([...whole, ...whole]))).toBe('damaged');
    expect(refusalOf(new TextEncoder().encode('something else entirely'))).toBe('damaged');
  });
});

describe('a scan', () => {
  function pageOf(machine: LockMachine, prefix: string, afterKey: string, limit: number) {
    const scan = machine.scan(prefix, afterKey, limit);
    return (between: () => void = () => {}): readonly LockView[] => {
      for (;;) {
        const page = scan.step(50);
        if (page !== null) return page;
        between();
      }
    };
  }

  it('gives every lock once and in order, page by page, while others come and go', () => {
    const driver = filled();
    const random = seededRandom('scan');
    const stable = Array.from({ length: 4_000 }, (_, index) => index).filter((n) => n % 3 === 0);
    const seen: string[] = [];
    for (;;) {
      const page = pageOf(
        driver.machine,
        'lock/',
        seen.at(-1) ?? '',
        700,
      )(() => {
        const index = random.integer(0, 4_500);
        const key = keyOf(index);
        const holder = driver.machine.get(key)?.holders[0];
        if (index % 3 === 0 && index < 4_000) return;
        if (holder === undefined) driver.take(1, key);
        else driver.give(holder.sessionId, key, holder.token);
      });
      if (page.length === 0) break;
      seen.push(...page.map(({ key }) => key));
    }
    expect(seen).toEqual([...new Set(seen)].toSorted());
    const keys = new Set(seen);
    expect(stable.filter((index) => !keys.has(keyOf(index)))).toEqual([]);
  });

  it('keeps to its prefix, its start and its limit', () => {
    const { machine } = filled(30);
    const keys = (prefix: string, afterKey: string, limit: number) =>
      pageOf(machine, prefix, afterKey, limit)().map(({ key }) => key);
    expect(keys('lock/0001', '', 3)).toEqual([keyOf(10), keyOf(11), keyOf(12)]);
    expect(keys('lock/0001', keyOf(17), 9)).toEqual([keyOf(18), keyOf(19)]);
    expect(keys('other/', '', 9)).toEqual([]);
    expect(keys('', '', 100)).toHaveLength(30);
  });
});

describe('versions (invariant 11)', () => {
  const newer: VersionTable = new Map([...versionTable, [2, { tokenStep: 2 }]]);

  it('two programs apply alike until the log says that all know the new one', () => {
    const old = new MachineDriver(new LockMachine());
    const fresh = new MachineDriver(new LockMachine({}, newer));
    const tokens = [old, fresh].map((driver) => {
      driver.open(1);
      return [driver.take(1, 'a').token, driver.take(1, 'b').token];
    });
    expect(tokens[0]).toEqual(tokens[1]);
    fresh.apply({ kind: 'set-version', version: 2 });
    expect(fresh.take(1, 'c').token).toBe(4);
    expect(() => old.apply({ kind: 'set-version', version: 2 })).toThrow(
      "version 2 of the lock machine isn't known here",
    );
  });

  it('never go down, and stay with a snapshot', () => {
    const driver = new MachineDriver(new LockMachine({}, newer));
    driver.apply({ kind: 'set-version', version: 2 }, { kind: 'set-version', version: 1 });
    expect(driver.machine.counts().version).toBe(2);
    const [piece, ...pieces] = snapshotPieces(driver.machine, 1e6);
    const restoreBy = (versions: VersionTable) => {
      const restore = LockMachine.restore({}, versions);
      for (const each of [required(piece, 'the piece'), ...pieces]) restore.push(each);
      return restore.finish();
    };
    const restored = restoreBy(newer);
    expect(restored.ok && restored.value.counts().version).toBe(2);
    expect(restoreBy(versionTable)).toEqual({
      ok: false,
      error: { kind: 'unknown-version', version: 2 },
    });
  });
});

describe('apply', () => {
  it('refuses what no log that it may apply contains', () => {
    const driver = new MachineDriver();
    driver.apply(openSession(1));
    expect(() => driver.machine.apply({ index: 1, term: 1 }, [])).toThrow('entry 1 is applied');
    const scope = LockScope.Global;
    expect(() => driver.operate(1, acquire({ sequence: 1, key: 'k', scope }))).toThrow('global');
  });

  it('keeps no bytes of its input, and changes none', () => {
    const driver = new MachineDriver();
    driver.open(1);
    const metadata = new Uint8Array([7]);
    const operation = Object.freeze(acquire({ sequence: 1, key: 'k', metadata }));
    const { token } = driver.operate(1, operation);
    metadata[0] = 9;
    expect(driver.machine.get('k')?.holders[0]?.metadata).toEqual(new Uint8Array([7]));
    expect(driver.operate(1, release({ sequence: 2, key: 'k', token })).code).toBe(LockCode.Ok);
  });

  it('shows at most a thousand holders and waiters of a lock, and counts all of them', () => {
    const driver = new MachineDriver();
    const sessions = Array.from({ length: 2_300 }, (_, index) => index + 1);
    driver.open(...sessions);
    const shared = acquire({ sequence: 1, key: 'k', mode: 2, waitMs: 1_000 });
    const exclusive = acquire({ sequence: 1, key: 'k', waitMs: 1_000 });
    const commands = sessions.map((id) => operationOf(id, id <= 1_200 ? shared : exclusive));
    driver.apply(...commands);
    const view = required(driver.machine.get('k'), 'the lock');
    expect(view).toMatchObject({ holderCount: 1_200, waiterCount: 1_100 });
    expect(view.holders.map(({ sessionId }) => sessionId)).toEqual(sessions.slice(0, 1_000));
    expect(view.waiters.map(({ sessionId }) => sessionId)).toEqual(sessions.slice(1_200, 2_200));
  });
});
