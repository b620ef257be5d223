import { describe, expect, it } from 'vitest';
import { decide } from './verdict.ts';

const policy = { deliveriesMax: 4, backoff: { initialMs: 100, maxMs: 350 } };
const random = { next: () => 1 };

describe('decide', () => {
  it('passes ack and dead through', () => {
    expect(decide({ kind: 'ack' }, 9, policy, random)).toEqual({ kind: 'ack' });
    const dead = { kind: 'dead', reason: 'no' } as const;
    expect(decide(dead, 1, policy, random)).toEqual(dead);
  });

  it('gives a retry a delay that grows with the deliveries, up to its bound', () => {
    const delays = [1, 2, 3].map((deliveries) =>
      decide({ kind: 'retry', reason: 'later' }, deliveries, policy, random),
    );
    expect(delays).toEqual(
      [100, 200, 350].map((delayMs) => ({ kind: 'retry', reason: 'later', delayMs })),
    );
  });

  it('takes the delay that the handler asks for', () => {
    const verdict = { kind: 'retry', reason: 'later', delayMs: 0 } as const;
    expect(decide(verdict, 3, policy, random)).toEqual(verdict);
  });

  it('makes a dead letter of a retry after the last delivery', () => {
    for (const deliveries of [4, 5]) {
      expect(decide({ kind: 'retry', reason: 'later' }, deliveries, policy, random)).toEqual({
        kind: 'dead',
        reason: `given up after ${deliveries} deliveries: later`,
      });
    }
  });
});
