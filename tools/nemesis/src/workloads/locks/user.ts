/**
 * One user of locks: opens a session, takes locks, holds them, writes to what they protect, gives them
 * back; and now and then falls asleep with one, to write when it's too late.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@windlass/base';
import type { LockNodes } from './lock-nodes.ts';
import type { Held, LockSession, Unexpected, Wish } from './session.ts';
import type { Holding, Witness } from './witness.ts';

export type LockCounts = {
  sessions: number;
  sessionsLost: number;
  grants: number;
  notGranted: number;
  releases: number;
  lateWrites: number;
  lateWritesRefused: number;
};

export type UserOptions = {
  readonly name: string;
  readonly witness: Witness;
  readonly nodes: LockNodes;
  /** Null where nobody opens one. */
  readonly open: (ttlMs: number) => Promise<LockSession | null>;
  readonly wish: (random: Random) => Wish & { readonly holdMs: number };
  readonly counts: LockCounts;
  readonly random: Random;
  /** Ends the user, after its round. */
  readonly signal: AbortSignal;
};

/** Short, so that a session that is lost is felt within a run; above the shortest that is allowed. */
const ttlsMs = [2_000, 4_000, 8_000] as const;
const roundsMax = 60;
const restMs = { min: 20, max: 150 };
const reopenMs = 500;
const writeEveryMs = 400;
const validateProbability = 0.2;
const sleepProbability = 0.02;
/** Beyond the end of its session. */
const oversleepMs = { min: 50, max: 2_000 };
const validateMs = 5_000;

export async function runUser(options: UserOptions): Promise<void> {
  const { counts, open, random, signal } = options;
  while (!signal.aborted) {
    const session = await open(random.pick(ttlsMs));
    if (session === null) {
      await sleep(reopenMs);
      continue;
    }
    counts.sessions += 1;
    let goesOn = true;
    for (let round = 0; round < roundsMax && goesOn && !signal.aborted; round += 1) {
      goesOn = await runRound(options, session);
      await sleep(random.integer(restMs.min, restMs.max));
    }
    if (!goesOn) counts.sessionsLost += 1;
    await session.close();
  }
}

/** False where the session has come to its end. */
async function runRound(options: UserOptions, session: LockSession): Promise<boolean> {
  const { counts, name, random, witness } = options;
  const wish = options.wish(random);
  const floorToken = witness.floorToken();
  const outcome = await session.acquire(wish);
  switch (outcome.kind) {
    case 'granted':
      break;
    case 'not-granted':
      counts.notGranted += 1;
      return true;
    case 'lost':
      return false;
    case 'unexpected':
      return tell(options, wish, outcome);
    default:
      return outcome satisfies never;
  }
  const { held } = outcome;
  counts.grants += 1;
  const { key, kind } = wish;
  const holding: Holding = {
    user: name,
    key,
    kind,
    token: held.token,
    remainingMs: held.remainingMs,
  };
  // One that arrives after the session's end isn't held: the user must not act on it.
  if (held.remainingMs() === 0) return false;
  witness.granted(holding, floorToken);
  if (random.chance(sleepProbability)) return oversleep(options, session, holding);
  if (!(await hold(options, holding, held, wish.holdMs))) return false;
  return giveBack(options, holding, held);
}

/** Writes now and then while it's held. False where it was lost meanwhile. */
async function hold(
  { nodes, random, witness }: UserOptions,
  holding: Holding,
  held: Held,
  holdMs: number,
): Promise<boolean> {
  const untilMs = performance.now() + holdMs;
  do {
    if (held.remainingMs() === 0) return false;
    if (holding.kind.mode === 'exclusive') witness.writes(holding);
    if (random.chance(validateProbability)) {
      const isValid = await validate(nodes, holding, random);
      // Asked before its end and answered before it: then it was held all along.
      if (isValid === false && held.remainingMs() > 0) {
        const detail = `token ${holding.token} isn't valid while it is held`;
        witness.tells('grant-lost', holding.key, detail, { user: holding.user });
      }
    }
    await sleep(Math.max(0, Math.min(writeEveryMs, untilMs - performance.now())));
  } while (performance.now() < untilMs);
  return held.remainingMs() > 0;
}

async function giveBack(options: UserOptions, holding: Holding, held: Held): Promise<boolean> {
  const { counts, nodes, random, witness } = options;
  witness.leaves(holding);
  const outcome = await held.release();
  if (outcome.kind === 'unexpected') return tell(options, holding, outcome);
  if (outcome.kind === 'lost') return false;
  counts.releases += 1;
  if (random.chance(validateProbability) && (await validate(nodes, holding, random)) === true) {
    const detail = `token ${holding.token} is valid after its release`;
    witness.tells('release-lost', holding.key, detail, { user: holding.user });
  }
  return true;
}

/** As a process that is stopped does: it wakes up, and writes before it looks at the clock. */
async function oversleep(
  { counts, random, witness }: UserOptions,
  session: LockSession,
  holding: Holding,
): Promise<boolean> {
  session.fallAsleep();
  const lateMs = random.integer(oversleepMs.min, oversleepMs.max);
  await sleep(session.ttlMs + lateMs);
  // The library can't be made to sleep: it holds the lock all the time.
  if (holding.kind.mode !== 'exclusive' || holding.remainingMs() > 0) return false;
  counts.lateWrites += 1;
  if (!witness.writes(holding)) counts.lateWritesRefused += 1;
  return false;
}

/** Null where nobody says. */
async function validate(nodes: LockNodes, holding: Holding, random: Random) {
  const request = { key: holding.key, token: BigInt(holding.token) };
  const untilMs = performance.now() + validateMs;
  const answer = await nodes.ask((calls, call) => calls.validate(request, call), {
    tryMs: 1_000,
    untilMs,
    random,
  });
  return answer.kind === 'answered' ? answer.value.valid : null;
}

function tell({ name, witness }: UserOptions, { key }: { key: string }, outcome: Unexpected) {
  witness.tells(outcome.rule, key, outcome.detail, { user: name });
  return false;
}
