/** What the machine says, as lines for the scripts in testdata. */
import { LockCode, LockMode, type OperationResult } from '@windlass/lock-wire';
import type { LockMachine } from '../lock-machine.ts';
import {
  type ApplyOutput,
  type CommandOutcome,
  type LockEvent,
  LockEventKind,
  type LockView,
} from '../types.ts';
import { sessionIdOf, sessionNameOf } from './script-commands.ts';

/** Outcomes, results, lost holds, events. */
export function printOutput(output: ApplyOutput): readonly string[] {
  return [
    ...output.outcomes.map(printOutcome),
    ...output.results.map(
      ({ sessionId, result }) => `${sessionNameOf(sessionId)}: ${printResult(result)}`,
    ),
    ...output.lost.map(
      ({ sessionId, key, token, code }) =>
        `${sessionNameOf(sessionId)} lost ${key} token=${token} ${nameOf(LockCode, code)}`,
    ),
    ...output.events.map(printEvent),
  ];
}

export function printLock(lock: LockView | null, key: string): readonly string[] {
  if (lock === null) return [`${key}: free`];
  const mode = nameOf(LockMode, lock.mode);
  const limit = lock.limit > 0 ? `(${lock.limit})` : '';
  return [
    `${key}: ${mode}${limit} last-exclusive=${lock.lastExclusiveToken}`,
    ...lock.holders.map(
      ({ sessionId, token, holdCount, permits, metadata }) =>
        `  held by ${sessionNameOf(sessionId)} token=${token} count=${holdCount}` +
        `${permits > 0 ? ` permits=${permits}` : ''}${printMetadata(metadata)}`,
    ),
    ...lock.waiters.map(
      ({ sessionId, sequence, mode, permits }, index) =>
        `  ${index + 1}. ${sessionNameOf(sessionId)} seq=${sequence} ${nameOf(LockMode, mode)}` +
        (permits > 0 ? ` permits=${permits}` : ''),
    ),
  ];
}

export function printSession(machine: LockMachine, name: string): string {
  const session = machine.session(sessionIdOf(name));
  if (session === null) return `session ${name}: none`;
  const { ttlMs, remainingMs, lastIndex, lastSequence, holdCount, waitCount } = session;
  const silent = remainingMs === null ? '' : ` left=${remainingMs}`;
  return (
    `session ${name}: ttl=${ttlMs}${silent} last-index=${lastIndex} last-seq=${lastSequence}` +
    ` holds=${holdCount} waits=${waitCount}`
  );
}

function printResult(result: OperationResult): string {
  const { sequence, code, token, lastExclusiveToken, holdCount, position, message } = result;
  const parts = [`seq=${sequence}`, nameOf(LockCode, code)];
  if (token > 0) parts.push(`token=${token}`, `last-exclusive=${lastExclusiveToken}`);
  if (holdCount > 0) parts.push(`count=${holdCount}`);
  if (position > 0) parts.push(`position=${position}`);
  if (message !== '') parts.push(`(${message})`);
  return parts.join(' ');
}

function printEvent({ kind, key, sessionId, token, metadata }: LockEvent): string {
  const name = nameOf(LockEventKind, kind);
  return `event ${name} ${key} ${sessionNameOf(sessionId)} token=${token}${printMetadata(metadata)}`;
}

function printMetadata(metadata: Uint8Array): string {
  return metadata.length === 0 ? '' : ` metadata=${new TextDecoder().decode(metadata)}`;
}

function printOutcome(outcome: CommandOutcome): string {
  const { kind, ...rest } = outcome;
  const fields = Object.entries(rest).map(([name, value]) => {
    if (name === 'sessionId') return sessionNameOf(Number(value));
    return name === 'code' ? nameOf(LockCode, Number(value)) : `${name}=${value}`;
  });
  return [`=> ${kind}`, ...fields].join(' ');
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(names).find((name) => names[name] === value) ?? String(value);
}
