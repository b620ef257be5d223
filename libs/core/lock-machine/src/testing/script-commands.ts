/** The words of the scripts in testdata as commands. */
import {
  acquire,
  type Command,
  cancel,
  close,
  LockCode,
  LockMode,
  type Operation,
  release,
  setMetadata,
} from '@windlass/lock-wire';
import { defaultLimits } from '../limits.ts';

const modes: Readonly<Record<string, LockMode>> = {
  exclusive: LockMode.Exclusive,
  shared: LockMode.Shared,
  semaphore: LockMode.Semaphore,
};

type Words = {
  readonly words: readonly string[];
  readonly number: (name: string, otherwise?: number) => number;
  readonly text: (name: string, otherwise?: string) => string;
  readonly all: ReadonlyMap<string, string>;
};

/** Sessions are named by letters: a is 1. */
export function sessionIdOf(name: string): number {
  return name.charCodeAt(0) - 'a'.charCodeAt(0) + 1;
}

export function sessionNameOf(id: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + id - 1);
}

/** `open a ttl=5000`, or an operation behind the name of its session: `a acquire k seq=1`. */
export function readCommand(line: string): Command {
  const named = readWords(line);
  const [kind = '', target = ''] = named.words;
  const sessionId = sessionIdOf(target);
  const lastIndex = () => named.number('last');
  const term = () => named.number('term', 1);
  switch (kind) {
    case 'open': {
      const ttlMs = named.number('ttl', 30_000);
      return { kind: 'open-session', sessionId, ttlMs, clientName: `client-${target}` };
    }
    case 'expire':
      return { kind: 'expire-session', sessionId, lastIndex: lastIndex(), term: term() };
    case 'silent': {
      const remainingMs = named.number('left');
      const silence = { lastIndex: lastIndex(), term: term() };
      return { kind: 'session-silent', sessionId, remainingMs, ...silence };
    }
    case 'heard':
      return { kind: 'session-heard', sessionId };
    case 'end-wait': {
      const code = named.words.includes('cancelled') ? LockCode.Cancelled : LockCode.WaitTimeout;
      return { kind: 'end-wait', sessionId, sequence: named.number('seq', 0), code };
    }
    case 'force-release': {
      const token = named.number('token', 0);
      return { kind: 'force-release', key: target, token, actor: 'ada', reason: 'stuck' };
    }
    case 'raise-tokens':
      return { kind: 'raise-tokens', floor: Number(target) };
    case 'set-version':
      return { kind: 'set-version', version: Number(target) };
    case 'set-limits': {
      const changed = [...named.all].map(([name, value]) => [name, Number(value)]);
      return { kind: 'set-limits', limits: { ...defaultLimits, ...Object.fromEntries(changed) } };
    }
    default:
      return readOperation(named);
  }
}

function readOperation(named: Words): Command {
  const [session = ''] = named.words;
  return {
    kind: 'operation',
    sessionId: sessionIdOf(session),
    operation: operationOf(named),
    acknowledgedSequence: named.number('ack', 0),
  };
}

function operationOf(named: Words): Operation {
  const [, kind, key = ''] = named.words;
  const sequence = named.number('seq', 0);
  const metadata = new TextEncoder().encode(named.text('metadata', ''));
  switch (kind) {
    case 'acquire': {
      const mode = modes[named.text('mode', 'exclusive')] ?? LockMode.Exclusive;
      const permits = named.number('permits', mode === LockMode.Semaphore ? 1 : 0);
      const limit = named.number('limit', 0);
      const waitMs = named.number('wait', 0);
      return acquire({ sequence, key, mode, permits, limit, waitMs, metadata });
    }
    case 'release':
      return release({ sequence, key, token: named.number('token') });
    case 'cancel':
      return cancel({ sequence, acquireSequence: named.number('of') });
    case 'set-metadata':
      return setMetadata({ sequence, key, token: named.number('token'), metadata });
    case 'close':
      return close({ sequence });
    default:
      throw new Error(`no such command: ${named.words.join(' ')}`);
  }
}

function readWords(line: string): Words {
  const words: string[] = [];
  const all = new Map<string, string>();
  for (const word of line.trim().split(/\s+/)) {
    const [name = '', value] = word.split('=');
    if (value === undefined) words.push(name);
    else all.set(name, value);
  }
  const text = (name: string, otherwise?: string): string => {
    const value = all.get(name) ?? otherwise;
    if (value === undefined) throw new Error(`${line}: ${name} is missing`);
    return value;
  };
  const number = (name: string, otherwise?: number) => Number(text(name, otherwise?.toString()));
  return { words, number, text, all };
}
