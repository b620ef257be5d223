/** The invariants of design/lock-manager that the machine answers for, by their numbers. */
import { seededRandom } from '@windlass/base';
import { acquire, type Command, cancel, LockCode, LockMode, release } from '@windlass/lock-wire';
import { describe, expect, it } from 'vitest';
import { holdCountMax } from './limits.ts';
import { LockMachine } from './lock-machine.ts';
import {
  MachineDriver,
  openSession,
  operationOf,
  restoreFrom,
  snapshotPieces,
} from './testing/machine-driver.ts';
import { type ApplyOutput, LockEventKind } from './types.ts';

const key = 'k';

describe('invariant 1: no two conflicting holders', () => {
  it.each([
    [LockMode.Exclusive, LockMode.Exclusive, LockCode.Held],
    [LockMode.Exclusive, LockMode.Shared, LockCode.Held],
    [LockMode.Exclusive, LockMode.Semaphore, LockCode.Held],
    [LockMode.Shared, LockMode.Exclusive, LockCode.Held],
    [LockMode.Shared, LockMode.Shared, LockCode.Ok],
    [LockMode.Shared, LockMode.Semaphore, LockCode.Held],
    [LockMode.Semaphore, LockMode.Exclusive, LockCode.Held],
    [LockMode.Semaphore, LockMode.Shared, LockCode.Held],
    [LockMode.Semaphore, LockMode.Semaphore, LockCode.Ok],
  ])('mode %i is held, another session asks for mode %i: code %i', (held, asked, code) => {
    const driver = new MachineDriver();
    driver.open(1, 2);
    const ask = (session: number, mode: LockMode) =>
      driver.operate(session, acquire({ sequence: 1, key, mode, limit: 2 })).code;
    expect(ask(1, held)).toBe(LockCode.Ok);
    expect(ask(2, asked)).toBe(code);
    expect(driver.machine.checkInvariants()).toEqual([]);
  });

  it('counts permits: a semaphore gives out as many as it has and no more', () => {
    const driver = new MachineDriver();
    driver.open(1);
    const mode = LockMode.Semaphore;
    const codes = [2, 2, 1, 1].map(
      (permits, index) =>
        driver.operate(1, acquire({ sequence: index + 1, key, mode, permits, limit: 5 })).code,
    );
    expect(codes).toEqual([LockCode.Ok, LockCode.Ok, LockCode.Ok, LockCode.Held]);
  });
});

describe('invariant 2: tokens strictly increase', () => {
  it('over locks, floors, releases and two restores', () => {
    const random = seededRandom('tokens');
    const driver = new MachineDriver();
    driver.open(1, 2, 3);
    const tokens: number[] = [];
    for (let step = 1; step <= 600; step += 1) {
      const taken = driver.take(random.integer(1, 3), `k${random.integer(1, 4)}`);
      if (taken.code === LockCode.Ok && taken.holdCount === 1) tokens.push(taken.token);
      if (random.chance(0.5)) releaseAll(driver);
      if (step % 250 === 0) driver.machine = restoreFrom(snapshotPieces(driver.machine, 100));
      if (step % 100 === 0) {
        const floor = driver.machine.counts().lastToken + random.integer(-50, 50);
        driver.apply({ kind: 'raise-tokens', floor });
      }
    }
    expect(tokens.length).toBeGreaterThan(200);
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(tokens).toEqual(tokens.toSorted((left, right) => left - right));
  });

  it('a grant tells the last exclusive token, and never one that somebody below may hold', () => {
    const driver = new MachineDriver();
    driver.open(1, 2);
    const writer = driver.take(1, key);
    driver.give(1, key, writer.token);
    driver.take(1, 'other');
    const reader = driver.take(2, key, 0, 0, LockMode.Shared);
    expect(reader.lastExclusiveToken).toBeGreaterThanOrEqual(writer.token);
    expect(reader.lastExclusiveToken).toBeLessThan(reader.token);
    expect(driver.machine.validate(key, writer.token).valid).toBe(false);
    expect(driver.machine.validate(key, reader.token)).toEqual({
      valid: true,
      lastExclusiveToken: reader.lastExclusiveToken,
    });
    expect(driver.machine.validate('nobody', 1)).toEqual({ valid: false, lastExclusiveToken: 0 });
  });
});

describe('invariant 3: a grant applies only if its session is live in that same entry', () => {
  /** The holder releases in the very entry in which the first waiter expires. */
  function grantAfterExpiry(machine: LockMachine): ApplyOutput {
    const driver = new MachineDriver(machine);
    driver.open(1, 2, 3);
    const { token } = driver.take(1, key);
    driver.take(2, key, 1, 1_000);
    driver.take(3, key, 1, 1_000);
    const { lastIndex } = machine.session(2) ?? { lastIndex: 0 };
    return driver.apply(
      { kind: 'expire-session', sessionId: 2, lastIndex, term: 1 },
      operationOf(1, release({ sequence: 0, key, token })),
    );
  }

  it('passes over a waiter whose session has just expired', () => {
    const machine = new LockMachine();
    const granted = grantAfterExpiry(machine).events.filter(
      ({ kind }) => kind === LockEventKind.Granted,
    );
    expect(granted.map(({ sessionId }) => sessionId)).toEqual([3]);
    expect(machine.checkInvariants()).toEqual([]);
  });

  it('and the check finds the bug that grants to it', () => {
    const machine = new LockMachine({ grantToExpired: true });
    grantAfterExpiry(machine);
    expect(machine.checkInvariants().join()).toContain('session 2, which has ended (invariant 3)');
  });
});

describe('invariant 5: logged facts alone decide whether an expiry is stale', () => {
  const logged: readonly (readonly [string, Command | null, number, string])[] = [
    ['nothing since', null, 1, 'ended'],
    ['an operation since', operationOf(1, cancel({ sequence: 1, acquireSequence: 9 })), 1, 'stale'],
    ['a renewal that was logged since', { kind: 'session-heard', sessionId: 1 }, 1, 'stale'],
    ["only its wait's end since", endWait(), 1, 'ended'],
    ['only its silence since', silent(), 1, 'ended'],
    ['another leader since', null, 2, 'stale'],
  ];

  it.each(logged)('%s', (_, since, term, outcome) => {
    const driver = new MachineDriver();
    driver.open(1);
    if (since !== null) driver.apply(since);
    driver.term = term;
    const { outcomes } = driver.apply({
      kind: 'expire-session',
      sessionId: 1,
      lastIndex: 1,
      term: 1,
    });
    expect(outcomes[0]?.kind).toBe(outcome === 'ended' ? 'ended' : 'expiry-stale');
    expect(driver.machine.session(1) === null).toBe(outcome === 'ended');
  });

  function endWait(): Command {
    return { kind: 'end-wait', sessionId: 1, sequence: 0, code: LockCode.WaitTimeout };
  }

  function silent(): Command {
    return { kind: 'session-silent', sessionId: 1, remainingMs: 5, lastIndex: 1, term: 1 };
  }
});

describe('invariant 8: the order of the queue is the order of the log', () => {
  it('through ends of waits, of sessions, and a restore in between', () => {
    const random = seededRandom('queue');
    const driver = new MachineDriver();
    const waiting = Array.from({ length: 40 }, (_, index) => index + 2);
    driver.open(1, ...waiting);
    const first = driver.take(1, key);
    for (const session of waiting) driver.take(session, key, 1, 1_000);
    const gone = new Set(waiting.filter(() => random.chance(0.3)));
    // While the snapshot is written: those who leave are written before their turn.
    const leaving = [...gone].reverse();
    const pieces = snapshotPieces(driver.machine, 30, () => leave(driver, leaving.pop()));
    const restored = new MachineDriver(restoreFrom(pieces));
    expect(grantOrder(restored, first.token)).toEqual(waiting);
    while (leaving.length > 0) leave(driver, leaving.pop());
    const left = waiting.filter((session) => !gone.has(session));
    expect(grantOrder(driver, first.token)).toEqual(left);
  });

  it('tells the place in the queue, also to one who asks again', () => {
    const driver = new MachineDriver();
    driver.open(1, 2, 3);
    driver.take(1, key);
    expect(driver.take(2, key, 1, 1_000).position).toBe(1);
    expect(driver.take(3, key, 1, 1_000).position).toBe(2);
    leave(driver, 2);
    expect(driver.take(3, key, 1, 1_000).position).toBe(1);
    expect([1, 2, 3].map((session) => driver.machine.positionOf(session, 1))).toEqual([0, 0, 1]);
    expect([1, 2, 3].map((session) => driver.machine.isWaiting(session, 1))).toEqual([
      false,
      false,
      true,
    ]);
  });

  function leave(driver: MachineDriver, sessionId: number | undefined): void {
    if (sessionId === undefined) return;
    const lastIndex = driver.machine.appliedIndex;
    if (sessionId % 2 === 0) driver.operate(sessionId, cancel({ sequence: 2, acquireSequence: 1 }));
    else driver.apply({ kind: 'expire-session', sessionId, lastIndex, term: 1 });
  }

  /** Each holder releases as soon as it's granted. */
  function grantOrder(driver: MachineDriver, firstToken: number): readonly number[] {
    const order: number[] = [];
    let { events } = driver.give(1, key, firstToken);
    for (;;) {
      const granted = events.find(({ kind }) => kind === LockEventKind.Granted);
      if (granted === undefined) return order;
      order.push(granted.sessionId);
      ({ events } = driver.give(granted.sessionId, key, granted.token));
    }
  }
});

describe('invariant 9: an ended wait leaves no waiter behind', () => {
  it.each([LockCode.WaitTimeout, LockCode.Cancelled])('by code %i', (code) => {
    const driver = new MachineDriver();
    driver.open(1, 2);
    const { token } = driver.take(1, key);
    driver.take(2, key, 1, 1_000);
    const { results } = driver.apply({ kind: 'end-wait', sessionId: 2, sequence: 1, code });
    expect(results.map(({ result }) => result.code)).toEqual([code]);
    expect(driver.machine.counts().waiters).toBe(0);
    expect(driver.give(1, key, token).events.map(({ kind }) => kind)).toEqual([
      LockEventKind.Released,
    ]);
    expect(driver.machine.counts()).toMatchObject({ locks: 0, holds: 0, waiters: 0 });
  });

  it('but a client that comes back in time finds its place again', () => {
    const driver = new MachineDriver();
    driver.open(1, 2, 3);
    driver.take(1, key);
    driver.take(2, key, 1, 1_000);
    driver.take(3, key, 1, 1_000);
    driver.machine = restoreFrom(snapshotPieces(driver.machine, 1_000));
    expect(driver.take(2, key, 1, 1_000)).toMatchObject({ code: LockCode.Queued, position: 1 });
    expect(driver.machine.counts().waiters).toBe(2);
  });
});

describe('bounds of the machine itself', () => {
  it('stops counting re-entrant holds', () => {
    const driver = new MachineDriver();
    driver.apply(openSession(1));
    const again = operationOf(1, acquire({ sequence: 0, key }));
    driver.apply(...Array.from({ length: holdCountMax }, () => again));
    expect(driver.machine.get(key)?.holders[0]?.holdCount).toBe(holdCountMax);
    expect(driver.take(1, key)).toMatchObject({
      code: LockCode.ResourceExhausted,
      message: 'holdCountMax',
    });
  });
});

function releaseAll(driver: MachineDriver): void {
  for (const lock of driver.machine.scan('', '', 100).step(1_000_000) ?? []) {
    for (const { sessionId, token, holdCount } of lock.holders) {
      for (let left = holdCount; left > 0; left -= 1) driver.give(sessionId, lock.key, token);
    }
  }
}
