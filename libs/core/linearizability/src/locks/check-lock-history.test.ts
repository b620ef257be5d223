import { describe, expect, it } from 'vitest';
import { checkLockHistory } from './check-lock-history.ts';
import { explainLockHistory } from './explain-lock-history.ts';
import { HoldMode, type LockHistory, type LockInput, type LockOutput } from './types.ts';

type Times = readonly [number, number | null];
type Step = readonly [LockInput, LockOutput | null, Times];

const takes = (session: number, mode: HoldMode = HoldMode.Exclusive, sequence = 1): LockInput => ({
  kind: 'acquire',
  session,
  sequence,
  mode,
  permits: mode === HoldMode.Semaphore ? 1 : 0,
  limit: mode === HoldMode.Semaphore ? 2 : 0,
});
const gives = (session: number, token: number): LockInput => ({ kind: 'release', session, token });
const granted = (token: number, holdCount = 1): LockOutput => ({
  kind: 'granted',
  token,
  holdCount,
});
const released: LockOutput = { kind: 'released', holdCount: 0 };

function problemOf(steps: readonly Step[], deadlines: LockHistory['deadlines'] = []) {
  return explainLockHistory(checkOf(steps, deadlines));
}

function checkOf(steps: readonly Step[], deadlines: LockHistory['deadlines'] = []) {
  const records = steps.map(([input, output, [calledAt, returnedAt]]) => ({
    caller: 'session' in input ? `client ${input.session}` : 'somebody',
    key: 'k',
    input,
    output,
    calledAt,
    returnedAt,
  }));
  return checkLockHistory({ records, deadlines });
}

describe('good histories of locks', () => {
  it('accepts one holder after the other', () => {
    const steps: Step[] = [
      [takes(1), granted(1), [0, 1]],
      [takes(2), granted(2), [0, 6]],
      [gives(1, 1), released, [4, 5]],
    ];
    expect(problemOf(steps)).toBeNull();
  });

  it('accepts readers together, a semaphore up to its limit, and a hold counted up', () => {
    const { Shared, Semaphore } = HoldMode;
    expect(
      problemOf([
        [takes(1, Shared), granted(1), [0, 1]],
        [takes(2, Shared), granted(2), [2, 3]],
        [takes(1, Shared), granted(1, 2), [4, 5]],
        [gives(1, 1), { kind: 'released', holdCount: 1 }, [6, 7]],
      ]),
    ).toBeNull();
    expect(
      problemOf([
        [takes(1, Semaphore), granted(1), [0, 1]],
        [takes(2, Semaphore), granted(2), [2, 3]],
        [takes(3, Semaphore), { kind: 'held' }, [4, 5]],
      ]),
    ).toBeNull();
  });

  it('accepts the next holder once the session of the last one may have expired', () => {
    const steps: Step[] = [
      [takes(1), granted(1), [0, 1]],
      [takes(2), granted(2), [2, 50]],
      [gives(1, 1), { kind: 'session-expired' }, [60, 61]],
    ];
    expect(problemOf(steps, [{ session: 1, at: 40 }])).toBeNull();
  });

  it('accepts that an unknown acquire held the lock and expired, or never came to be', () => {
    const steps: Step[] = [
      [takes(1), null, [0, null]],
      [takes(2), { kind: 'held' }, [10, 11]],
      [takes(3), granted(7), [50, 51]],
    ];
    expect(problemOf(steps, [{ session: 1, at: 40 }])).toBeNull();
    expect(problemOf(steps.slice(2), [{ session: 1, at: 40 }])).toBeNull();
  });

  it('accepts a lost grant that is seen later, with the token it must have had', () => {
    const steps: Step[] = [
      [takes(9), granted(3), [0, 1]],
      [gives(9, 3), released, [2, 3]],
      [takes(1), null, [4, null]],
      [takes(1, HoldMode.Exclusive, 2), granted(5, 2), [10, 11]],
    ];
    expect(problemOf(steps)).toBeNull();
  });
});

describe('bad histories of locks', () => {
  const held: Step = [takes(1), granted(5), [0, 1]];

  it('finds two holders at once', () => {
    expect(problemOf([held, [takes(2), granted(6), [2, 3]]])).toContain('no order explains');
    expect(problemOf([held, [takes(2, HoldMode.Shared), granted(6), [2, 3]]])).not.toBeNull();
  });

  it('finds a grant before the deadline of the holder, as its client knew it', () => {
    const steps: Step[] = [held, [takes(2), granted(6), [2, 30]]];
    expect(problemOf(steps, [{ session: 1, at: 40 }])).not.toBeNull();
    expect(problemOf(steps, [{ session: 1, at: 29 }])).toBeNull();
  });

  it('finds a token that goes back, and one that is issued twice', () => {
    const after = (token: number): Step[] => [
      held,
      [gives(1, 5), released, [2, 3]],
      [takes(2), granted(token), [4, 5]],
    ];
    expect(problemOf(after(4))).toContain('after token 5 was known');
    expect(problemOf(after(5))).toContain('token 5 was issued to');
    expect(problemOf(after(6))).toBeNull();
    // The model of one lock knows it, too.
    expect(checkOf(after(4)).keys[0]?.verdict.kind).toBe('violation');
  });

  it('finds a lost release: the lock is refused although nobody holds it', () => {
    const steps: Step[] = [
      held,
      [gives(1, 5), released, [2, 3]],
      [takes(2), { kind: 'held' }, [4, 5]],
    ];
    expect(problemOf(steps)).not.toBeNull();
  });

  it('finds a release that is refused to the holder', () => {
    expect(problemOf([held, [gives(1, 5), { kind: 'not-held' }, [2, 3]]])).not.toBeNull();
    expect(problemOf([held, [gives(1, 4), { kind: 'not-held' }, [2, 3]]])).toBeNull();
  });

  it('finds stale reads: of the holders, and of a token', () => {
    const seen: LockOutput = {
      kind: 'holders',
      holders: [{ session: 1, token: 5, holdCount: 1 }],
    };
    const release: Step = [gives(1, 5), released, [2, 3]];
    const validate: LockInput = { kind: 'validate', token: 5 };
    expect(problemOf([held, [{ kind: 'get' }, seen, [2, 3]]])).toBeNull();
    expect(problemOf([held, release, [{ kind: 'get' }, seen, [4, 5]]])).not.toBeNull();
    const valid: LockOutput = { kind: 'validity', valid: true };
    expect(problemOf([held, release, [validate, valid, [4, 5]]])).not.toBeNull();
    const invalid: LockOutput = { kind: 'validity', valid: false };
    expect(problemOf([held, [validate, invalid, [2, 3]]])).not.toBeNull();
  });

  it('finds a wrong hold count', () => {
    expect(
      problemOf([held, [takes(1, HoldMode.Exclusive, 2), granted(5, 3), [2, 3]]]),
    ).not.toBeNull();
  });

  it('finds a grant after its cancel, and a session that works on after it was closed', () => {
    const cancel: LockInput = { kind: 'cancel', session: 1, acquireSequence: 1 };
    const close: LockInput = { kind: 'close', session: 1 };
    const shown: LockOutput = {
      kind: 'holders',
      holders: [{ session: 1, token: 5, holdCount: 1 }],
    };
    expect(
      problemOf([
        [takes(1), null, [0, null]],
        [cancel, { kind: 'done' }, [2, 3]],
        [{ kind: 'get' }, shown, [4, 5]],
      ]),
    ).not.toBeNull();
    expect(
      problemOf([
        [close, { kind: 'done' }, [0, 1]],
        [takes(1), granted(5), [2, 3]],
      ]),
    ).not.toBe(null);
  });

  it('finds one semaphore permit too many', () => {
    const takesOne = (session: number, token: number, at: number): Step => [
      takes(session, HoldMode.Semaphore),
      granted(token),
      [at, at + 1],
    ];
    expect(problemOf([takesOne(1, 1, 0), takesOne(2, 2, 2)])).toBeNull();
    expect(problemOf([takesOne(1, 1, 0), takesOne(2, 2, 2), takesOne(3, 3, 4)])).not.toBeNull();
  });
});
