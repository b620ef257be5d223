import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { StatusResponseSchema } from '@windlass/proto/lock/v1/cluster';
import { describe, expect, it } from 'vitest';
import { checkAvailable, checkCaughtUp, checkLeft, checkStatuses } from './check-cluster.ts';
import type { AcquireOutcome, LockSession } from './session.ts';

const status = (fields: MessageInitShape<typeof StatusResponseSchema>) =>
  create(StatusResponseSchema, { term: 3n, leaderId: 1n, ...fields });
const leader = status({ memberId: 1n, role: 'leader', commitIndex: 50n, appliedIndex: 50n });
const follower = status({ memberId: 2n, role: 'follower', commitIndex: 50n, appliedIndex: 50n });

const rules = (violations: readonly { readonly rule: string }[]) =>
  violations.map(({ rule }) => rule);

describe('the nodes of a healed cluster', () => {
  it('are right where all of them follow the newest leader', () => {
    const old = status({ memberId: 3n, role: 'leader', term: 2n, leaderId: 1n });
    expect(
      checkStatuses(
        new Map([
          ['a', leader],
          ['b', follower],
          ['c', old],
        ]),
      ),
    ).toEqual([]);
  });

  it('are wrong where one says nothing, or follows another one or nobody', () => {
    const astray = status({ memberId: 3n, role: 'follower', leaderId: 9n });
    const statuses = new Map([
      ['a', leader],
      ['b', null],
      ['c', astray],
    ]);
    expect(rules(checkStatuses(statuses))).toEqual(['node-silent', 'no-leader']);
    expect(rules(checkStatuses(new Map([['b', follower]])))).toEqual(['no-leader']);
  });

  it('have applied what was committed some time ago', () => {
    const earlier = new Map([
      ['a', leader],
      ['b', null],
    ]);
    const later = new Map([
      ['a', leader],
      ['b', follower],
    ]);
    expect(checkCaughtUp(earlier, later)).toEqual([]);
    const behind = new Map([['b', status({ appliedIndex: 49n })]]);
    expect(rules(checkCaughtUp(earlier, behind))).toEqual(['node-behind']);
  });
});

describe('the locks of a healed cluster', () => {
  const wishes = [{ key: 'k', kind: { mode: 'exclusive', limit: 0 } }] as const;
  const session = (outcome: AcquireOutcome): LockSession => ({
    ttlMs: 1_000,
    acquire: () => Promise.resolve(outcome),
    fallAsleep: () => undefined,
    close: () => Promise.resolve(),
  });
  const granted = (token: number): AcquireOutcome => ({
    kind: 'granted',
    held: {
      token,
      remainingMs: () => 1_000,
      release: () => Promise.resolve({ kind: 'released' }),
    },
  });

  it('are held by nobody', () => {
    expect(checkLeft([])).toEqual([]);
    expect(rules(checkLeft([{ key: 'k', holders: 0, waiters: 1 }]))).toEqual(['stuck']);
  });

  it('can be had, with a token above all others', async () => {
    expect(await checkAvailable(session(granted(8)), wishes, 7)).toEqual([]);
    expect(rules(await checkAvailable(session(granted(7)), wishes, 7))).toEqual(['token-fell']);
    expect(rules(await checkAvailable(session({ kind: 'not-granted' }), wishes, 7))).toEqual([
      'stuck',
    ]);
  });
});
