/** Commands at random, from a seed: likely ones mostly, with repeats, gaps and nonsense among them. */
import type { Random } from '@windlass/base';
import {
  acquire,
  anonymousSequenceMin,
  type Command,
  cancel,
  close,
  LockCode,
  type LockLimits,
  LockMode,
  type Operation,
  release,
  setMetadata,
} from '@windlass/lock-wire';
import type { NaiveModel } from './naive-model.ts';

const keys = ['a', 'b', 'ä/ü'] as const;
const sessionIds = [1, 2, 3, 2 ** 52 + 1] as const;

export type CommandSource = {
  readonly random: Random;
  readonly model: NaiveModel;
  /** Of the entry that the commands are for. */
  readonly index: number;
  readonly term: number;
};

const smallLimits: LockLimits = {
  sessionsMax: 3,
  locksMax: 2,
  waitersPerLockMax: 3,
  holdsPerSessionMax: 3,
  unacknowledgedPerSessionMax: 4,
};

export function randomCommand(source: CommandSource): Command {
  const { random, model } = source;
  const sessionId = random.pick(sessionIds);
  const isOpen = model.sessions.some(({ id }) => id === sessionId);
  if (!isOpen && random.chance(0.7)) {
    return { kind: 'open-session', sessionId, ttlMs: 5_000, clientName: `client ${sessionId}` };
  }
  if (random.chance(0.85)) return randomOperation(source, sessionId);
  return randomControl(source, sessionId);
}

function randomOperation({ random, model }: CommandSource, sessionId: number): Command {
  const session = model.sessions.find(({ id }) => id === sessionId);
  const last = session?.lastSequence ?? 0;
  const acknowledged = session?.acknowledged ?? 0;
  const ahead = random.chance(0.1) ? 3 : 1;
  let sequence = last + ahead;
  if (random.chance(0.12)) sequence = random.integer(0, last);
  if (random.chance(0.05)) sequence = anonymousSequenceMin + random.integer(0, 3);
  const mayForget = random.chance(0.25);
  return {
    kind: 'operation',
    sessionId,
    operation: anyOperation(random, model, sessionId, sequence),
    acknowledgedSequence: mayForget
      ? random.integer(acknowledged, Math.max(acknowledged, last))
      : 0,
  };
}

function anyOperation(
  random: Random,
  model: NaiveModel,
  sessionId: number,
  sequence: number,
): Operation {
  const key = random.pick(keys);
  const metadata = new Uint8Array(random.integer(0, 2)).fill(sequence);
  const mine = model.holds.filter((hold) => hold.session.id === sessionId);
  const hold = mine.length > 0 && random.chance(0.9) ? random.pick(mine) : { key, token: 1 };
  const kind = random.next();
  if (kind < 0.55) {
    const mode = random.pick([LockMode.Exclusive, LockMode.Shared, LockMode.Semaphore]);
    const isSemaphore = mode === LockMode.Semaphore;
    const limit = isSemaphore ? random.pick([3, 3, 3, 2]) : 0;
    const permits = isSemaphore ? random.pick([1, 1, 2, 0, 4]) : 0;
    const waitMs = random.chance(0.75) ? 1_000 : 0;
    return acquire({ sequence, key, mode, limit, permits, waitMs, metadata });
  }
  if (kind < 0.85) return release({ sequence, key: hold.key, token: hold.token });
  if (kind < 0.93) {
    return cancel({ sequence, acquireSequence: Math.max(0, sequence - random.integer(0, 6)) });
  }
  if (kind < 0.98) return setMetadata({ sequence, key: hold.key, token: hold.token, metadata });
  return close({ sequence });
}

function randomControl(source: CommandSource, sessionId: number): Command {
  const { random, model } = source;
  const session = model.sessions.find(({ id }) => id === sessionId);
  const lastIndex = (session?.lastIndex ?? 0) - (random.chance(0.2) ? 1 : 0);
  const term = source.term - (random.chance(0.2) ? 1 : 0);
  const wait = model.waiters.find((each) => each.session.id === sessionId);
  const hold = random.pick([...model.holds, { key: 'a', token: 0 }]);
  const code = random.pick([LockCode.WaitTimeout, LockCode.Cancelled]);
  const sequence = random.chance(0.3) ? 0 : (wait?.operation.sequence ?? 1);
  const commands: readonly Command[] = [
    { kind: 'expire-session', sessionId, lastIndex, term },
    { kind: 'session-silent', sessionId, remainingMs: random.integer(0, 9), lastIndex, term },
    { kind: 'session-heard', sessionId },
    { kind: 'end-wait', sessionId, sequence, code },
    { kind: 'end-wait', sessionId, sequence, code },
    {
      kind: 'force-release',
      key: hold.key,
      token: random.chance(0.3) ? 0 : hold.token,
      actor: 'ada',
      reason: 'test',
    },
    { kind: 'raise-tokens', floor: model.lastToken + random.integer(-5, 5) },
    { kind: 'set-limits', limits: random.chance(0.5) ? smallLimits : model.limits },
  ];
  return random.pick(commands);
}
