/** What the healed cluster must look like: one leader, nobody behind, nothing held, everything to be had. */
import type { Random } from '@windlass/base';
import type { StatusResponse } from '@windlass/proto/lock/v1/cluster';
import type { Violation } from '../workload.ts';
import type { LockNodes } from './lock-nodes.ts';
import type { LockSession, Wish } from './session.ts';

/** Of a lock that somebody still holds or waits for. */
export type LeftLock = { readonly key: string; readonly holders: number; readonly waiters: number };

const readMs = 5_000;
const pageSizeMax = 1_000;
const waitMs = 5_000;

/** @param statuses what the nodes said at one time, by address */
export function checkStatuses(
  statuses: ReadonlyMap<string, StatusResponse | null>,
): readonly Violation[] {
  const violations: Violation[] = [];
  const said = [...statuses.values()].filter((status) => status !== null);
  const leader = said
    .filter(({ role }) => role === 'leader')
    .toSorted((left, right) => Number(right.term - left.term))[0];
  for (const [address, status] of statuses) {
    if (status === null) {
      violations.push(violation('node-silent', address, 'the node says nothing', {}));
    } else if (leader === undefined || status.leaderId !== leader.memberId) {
      const detail = `the node follows ${status.leaderId}, not ${leader?.memberId ?? 'anybody'}`;
      violations.push(violation('no-leader', address, detail, { term: Number(status.term) }));
    }
  }
  return violations;
}

/** Nodes that have not applied by now what was committed at an earlier look. */
export function checkCaughtUp(
  earlier: ReadonlyMap<string, StatusResponse | null>,
  later: ReadonlyMap<string, StatusResponse | null>,
): readonly Violation[] {
  const committed = [...earlier.values()].reduce(
    (highest, status) =>
      status !== null && status.commitIndex > highest ? status.commitIndex : highest,
    0n,
  );
  return [...later].flatMap(([address, status]) => {
    if (status === null || status.appliedIndex >= committed) return [];
    const detail = `the node has applied ${status.appliedIndex} of ${committed} entries`;
    return [violation('node-behind', address, detail, {})];
  });
}

/** Reads all locks of the run. @throws where nobody answers */
export async function leftLocks(
  nodes: LockNodes,
  prefix: string,
  random: Random,
): Promise<readonly LeftLock[]> {
  const request = { prefix, pageSize: pageSizeMax };
  const untilMs = performance.now() + readMs;
  const ask = { tryMs: 1_000, untilMs, random };
  const answer = await nodes.ask((calls, call) => calls.list(request, call), ask);
  if (answer.kind !== 'answered') throw new Error(`the locks can't be listed: ${answer.kind}`);
  return answer.value.locks.map(({ key, holderCount, waiterCount }) => {
    return { key, holders: holderCount, waiters: waiterCount };
  });
}

export function checkLeft(left: readonly LeftLock[]): readonly Violation[] {
  return left.map(({ key, holders, waiters }) => {
    const detail = `${holders} hold it and ${waiters} wait, though every user is gone`;
    return violation('stuck', key, detail, {});
  });
}

/** Takes each lock once more: it can be had, and its token is above all that were seen. */
export async function checkAvailable(
  session: LockSession,
  wishes: readonly Omit<Wish, 'waitMs'>[],
  floorToken: number,
): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const wish of wishes) {
    const outcome = await session.acquire({ ...wish, waitMs });
    if (outcome.kind !== 'granted') {
      const detail = outcome.kind === 'unexpected' ? outcome.detail : outcome.kind;
      violations.push(violation('stuck', wish.key, `the free lock can't be had: ${detail}`, {}));
      continue;
    }
    const { token } = outcome.held;
    if (token <= floorToken) {
      const detail = `token ${token} was granted after ${floorToken} had been`;
      violations.push(violation('token-fell', wish.key, detail, {}));
    }
    await outcome.held.release();
  }
  return violations;
}

function violation(
  rule: string,
  subject: string,
  detail: string,
  fields: Violation['fields'],
): Violation {
  return { rule, subject, detail, fields };
}
