/**
 * A leader is paused, and another one grants a lock. The questions that then lie in the paused one's
 * sockets are the first that it sees when it goes on: it must not answer them from memory.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { GrpcError, grpcClient } from '@windlass/grpc';
import { createLockClient } from '@windlass/lock-client';
import { LockService } from '@windlass/proto/lock/v1';
import { createMetrics } from '@windlass/telemetry';
import type { LockmgrCluster } from '@windlass/testkit';

export type PausedAnswers = {
  /** As it is at the new leader. */
  readonly believable: number;
  /** An error: nothing is said about the lock. */
  readonly refused: number;
  /** As it was before the pause. */
  readonly stale: number;
};

/** So many before it goes on, and as many right after. */
const questions = 20;
/** Until they lie in its sockets. */
const arrivalMs = 50;
const deadlineMs = 5_000;

/** @param key of a lock that nobody has used */
export async function askPausedLeader(
  cluster: LockmgrCluster,
  key: string,
): Promise<PausedAnswers> {
  const leader = await cluster.leader();
  const others = cluster.addresses.filter((address) => address !== leader.address);
  const asking = grpcClient(LockService, leader.address, {
    credentials: credentials.createInsecure(),
    metrics: createMetrics('bench'),
  });
  await using successor = createLockClient({ addresses: others });
  try {
    const { sessionId } = await asking.calls.openSession({ ttlMs: 60_000 }, { deadlineMs });
    await leader.pause();
    const { token } = await successor.acquire(key);
    const ask = async (_none: unknown, index: number) => {
      if (index % 2 === 0) {
        const request = { sessionId, acquire: { key } };
        const { acquired } = await asking.calls.tryAcquire(request, { deadlineMs });
        return !acquired;
      }
      const { lock } = await asking.calls.get({ key }, { deadlineMs });
      return lock?.holders[0]?.token === BigInt(token);
    };
    const before = Array.from({ length: questions }, ask);
    await sleep(arrivalMs);
    await leader.resume();
    const after = Array.from({ length: questions }, ask);
    return count(await Promise.allSettled([...before, ...after]));
  } finally {
    asking.close();
  }
}

function count(answers: readonly PromiseSettledResult<boolean>[]): PausedAnswers {
  const given = { believable: 0, refused: 0, stale: 0 };
  for (const answer of answers) {
    if (answer.status === 'fulfilled') given[answer.value ? 'believable' : 'stale'] += 1;
    else if (answer.reason instanceof GrpcError) given.refused += 1;
    else throw answer.reason;
  }
  return given;
}
