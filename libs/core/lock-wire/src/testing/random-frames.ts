/** Frames and batches from a seed: every kind, every field sometimes 0 and sometimes at its limit. */
import type { Random } from '@windlass/base';
import { acquire, cancel, close, release, setMetadata } from '../operations.ts';
import {
  type Command,
  LockCode,
  LockMode,
  LockScope,
  type Operation,
  type OperationResult,
  type SessionRequestFrame,
  type SessionResponseFrame,
} from '../types.ts';

const alphabets = [
  'abcdefghij-/0123456789',
  'äöüß€',
  '日本語の鍵',
  '🔒🗝',
  '\u0000\u007f\u0080\ufeff',
];
const integers = [
  0,
  1,
  127,
  128,
  16_383,
  16_384,
  2 ** 28,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 49,
  2 ** 53 - 1,
];
const smallIntegers = integers.filter((value) => value < 2 ** 32);

export function anyInteger(random: Random): number {
  if (random.chance(0.5)) return random.pick(integers);
  return Math.floor(2 ** random.integer(0, 52) * (1 + random.next()) - 1);
}

export function anyUint32(random: Random): number {
  return random.chance(0.5) ? random.pick(smallIntegers) : random.integer(0, 2 ** 32 - 1);
}

export function anyText(random: Random): string {
  const alphabet = Array.from(random.pick(alphabets));
  const length = random.pick([0, 1, 7, 8, 9, 16, 31, 32, 33, 63, 64, 65, 127, 128, 200]);
  return Array.from({ length }, () => random.pick(alphabet)).join('');
}

export function anyBytes(random: Random, lengths = [0, 0, 1, 20, 127, 128, 500]): Uint8Array {
  return Uint8Array.from({ length: random.pick(lengths) }, () => random.integer(0, 255));
}

export function anyOperation(random: Random): Operation {
  const sequence = anyInteger(random);
  const key = anyText(random);
  const token = anyInteger(random);
  const scope = random.pick(Object.values(LockScope));
  const metadata = anyBytes(random);
  const mode = random.pick(Object.values(LockMode));
  const permits = anyUint32(random) || 1;
  const [limit, waitMs] = [anyUint32(random), anyUint32(random)];
  return random.pick([
    acquire({ sequence, key, mode, permits, limit, waitMs, metadata, scope }),
    release({ sequence, key, token, scope }),
    cancel({ sequence, acquireSequence: token }),
    setMetadata({ sequence, key, token, metadata }),
    close({ sequence }),
  ]);
}

export function anyRequest(random: Random): SessionRequestFrame {
  const hello = {
    sessionId: anyInteger(random),
    ttlMs: anyUint32(random),
    clientName: anyText(random),
  };
  return {
    hello: random.chance(0.3) ? hello : null,
    operations: many(random, anyOperation),
    acknowledgedSequence: anyInteger(random),
    frame: anyInteger(random),
  };
}

export function anyResponse(random: Random): SessionResponseFrame {
  const welcome = {
    sessionId: anyInteger(random),
    ttlMs: anyUint32(random),
    lastSequence: anyInteger(random),
    region: anyText(random),
  };
  return {
    welcome: random.chance(0.3) ? welcome : null,
    results: many(random, anyResult),
    renewedFrame: anyInteger(random),
    revocations: many(random, () => ({
      key: anyText(random),
      token: anyInteger(random),
      code: random.pick(Object.values(LockCode)),
    })),
    redirect: random.chance(0.3) ? anyText(random) : null,
  };
}

function anyResult(random: Random): OperationResult {
  return {
    sequence: anyInteger(random),
    code: random.pick(Object.values(LockCode)),
    token: anyInteger(random),
    lastExclusiveToken: anyInteger(random),
    holdCount: anyUint32(random),
    position: anyUint32(random),
    message: anyText(random),
  };
}

export function anyCommands(random: Random): readonly Command[] {
  return many(random, anyCommand);
}

function anyCommand(random: Random): Command {
  const sessionId = anyInteger(random);
  const [lastIndex, term] = [anyInteger(random), anyInteger(random)];
  const [key, actor, reason] = [anyText(random), anyText(random), anyText(random)];
  const acknowledgedSequence = anyInteger(random);
  const limits = {
    sessionsMax: anyUint32(random),
    locksMax: anyUint32(random),
    waitersPerLockMax: anyUint32(random),
    holdsPerSessionMax: anyUint32(random),
    unacknowledgedPerSessionMax: anyUint32(random),
  };
  const code = random.pick(Object.values(LockCode));
  const milliseconds = anyUint32(random);
  return random.pick<Command>([
    { kind: 'operation', sessionId, operation: anyOperation(random), acknowledgedSequence },
    { kind: 'open-session', sessionId, ttlMs: milliseconds, clientName: key },
    { kind: 'expire-session', sessionId, lastIndex, term },
    { kind: 'session-silent', sessionId, remainingMs: milliseconds, lastIndex, term },
    { kind: 'session-heard', sessionId },
    { kind: 'end-wait', sessionId, sequence: lastIndex, code },
    { kind: 'force-release', key, token: lastIndex, actor, reason },
    { kind: 'raise-tokens', floor: lastIndex },
    { kind: 'set-version', version: milliseconds },
    { kind: 'set-limits', limits },
  ]);
}

function many<Item>(random: Random, make: (random: Random) => Item): readonly Item[] {
  return Array.from({ length: random.pick([0, 1, 1, 2, 8]) }, () => make(random));
}
