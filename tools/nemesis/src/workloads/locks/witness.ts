/**
 * Sees every grant and release of all users, and judges them: who holds what at once, the order of
 * the tokens, and a register per key, which takes nothing from below the highest token that it has
 * seen. One process, one clock (performance.now()), and no network in between. Pure.
 */
import type { Violation } from '../workload.ts';
import type { LockKind } from './session.ts';

export type Holding = {
  readonly user: string;
  readonly key: string;
  readonly kind: LockKind;
  readonly token: number;
  /** 0 once it isn't held for sure. */
  readonly remainingMs: () => number;
};

export type Witness = {
  /** What every later acquire's token must be above: to be asked before it is sent. */
  readonly floorToken: () => number;
  /** A grant has arrived that was asked for when `floorToken` held. */
  readonly granted: (holding: Holding, floorToken: number) => void;
  /** Before the release is sent. */
  readonly leaves: (holding: Holding) => void;
  /** Writes to what the lock protects. False: the register has refused it. */
  readonly writes: (holding: Holding) => boolean;
  readonly tells: (rule: string, user: string, detail: string, fields?: Fields) => void;
  readonly violations: () => readonly Violation[];
};

type Fields = Readonly<Record<string, unknown>>;

export function createWitness(): Witness {
  const violations: Violation[] = [];
  const tokens = new Set<number>();
  const holders = new Map<string, Set<Holding>>();
  const registers = new Map<string, number>();
  let floorToken = 0;

  const tells = (rule: string, subject: string, detail: string, fields: Fields = {}) => {
    violations.push({ rule, subject, detail, fields: { ...fields, at: new Date().toISOString() } });
  };

  function granted(holding: Holding, askedAtToken: number): void {
    const { key, token, user } = holding;
    if (tokens.has(token)) {
      tells('token-twice', key, `token ${token} was granted before`, { user });
    }
    if (token <= askedAtToken) {
      const detail = `token ${token} was granted after ${askedAtToken} had been`;
      tells('token-fell', key, detail, { user });
    }
    tokens.add(token);
    floorToken = Math.max(floorToken, token);
    const others = holdersOf(key);
    for (const other of others) {
      // Its holder believes in it no more.
      if (other.remainingMs() === 0) others.delete(other);
    }
    const exclusive = [...others].filter((other) => !areCompatible(holding, other));
    for (const other of exclusive) {
      const detail = `${user} was granted what ${other.user} holds for ${Math.round(other.remainingMs())} ms more`;
      tells('two-holders', key, detail, { token, otherToken: other.token });
    }
    others.add(holding);
    const { limit, mode } = holding.kind;
    if (mode === 'semaphore' && others.size > limit) {
      tells('too-many-permits', key, `${others.size} hold a semaphore of ${limit}`, { token });
    }
  }

  function writes(holding: Holding): boolean {
    const { key, token, user } = holding;
    const highest = registers.get(key) ?? 0;
    if (token >= highest) {
      registers.set(key, token);
      return true;
    }
    const leftMs = holding.remainingMs();
    if (leftMs > 0) {
      const detail = `the register refuses ${user}, who holds the lock for ${Math.round(leftMs)} ms more`;
      tells('holder-refused', key, detail, { token, highest });
    }
    return false;
  }

  function holdersOf(key: string): Set<Holding> {
    const known = holders.get(key) ?? new Set();
    holders.set(key, known);
    return known;
  }

  return {
    floorToken: () => floorToken,
    granted,
    leaves: (holding) => void holdersOf(holding.key).delete(holding),
    writes,
    tells,
    violations: () => violations,
  };
}

function areCompatible(left: Holding, right: Holding): boolean {
  return left.kind.mode === right.kind.mode && left.kind.mode !== 'exclusive';
}
