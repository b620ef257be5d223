/**
 * Checks a whole history of locks: each key on its own (locks are independent, so a history is
 * linearizable if it is for each key), and the tokens of all keys together, which come from one
 * counter.
 */
import { checkLinearizability, defaultCheckLimits } from '../check.ts';
import type { CheckLimits, Operation, Verdict } from '../types.ts';
import { type LockState, lockModel, type ModelInput } from './model.ts';
import { checkTokens } from './tokens.ts';
import type { LockHistory, LockOutput, LockRecord } from './types.ts';

export type LockVerdict = Verdict<LockState, ModelInput, LockOutput>;

export type LockHistoryCheck = {
  /** Sorted by key. */
  readonly keys: readonly { readonly key: string; readonly verdict: LockVerdict }[];
  /** Tokens that were given twice or too late, for people; sorted. */
  readonly tokenProblems: readonly string[];
  readonly operations: number;
};

/** @param limits for each key */
export function checkLockHistory(
  history: LockHistory,
  limits: CheckLimits = defaultCheckLimits,
): LockHistoryCheck {
  const byKey = operationsByKey(history);
  const keys = [...byKey.keys()].sort();
  return {
    keys: keys.map((key) => ({
      key,
      verdict: checkLinearizability(lockModel, byKey.get(key) ?? [], limits),
    })),
    tokenProblems: checkTokens(history.records),
    operations: history.records.length,
  };
}

type LockOperation = Operation<ModelInput, LockOutput>;

function operationsByKey(history: LockHistory): ReadonlyMap<string, LockOperation[]> {
  const { records } = history;
  const heardAt = lastHeard(records);
  const seen = sessionsSeen(records);
  const hasSeenStrangers = strangersValidated(records);
  const cancelled = new Set(
    records.flatMap(({ input }) =>
      input.kind === 'cancel' ? [`${input.session}:${input.acquireSequence}`] : [],
    ),
  );
  const byKey = new Map<string, LockOperation[]>();
  const keysOf = new Map<number, Set<string>>();
  const add = (key: string, operation: LockOperation) => {
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [operation]);
    else known.push(operation);
    if (!('session' in operation.input)) return;
    const { session } = operation.input;
    keysOf.set(session, (keysOf.get(session) ?? new Set()).add(key));
  };
  for (const record of records) {
    const { key, input } = record;
    if (input.kind === 'close') continue;
    if (input.kind !== 'acquire') {
      add(key, { ...record, input: { ...input, key } });
      continue;
    }
    const cancellable = cancelled.has(`${input.session}:${input.sequence}`);
    const isHeard = (heardAt.get(input.session) ?? -Infinity) >= record.calledAt;
    const abandoned = !isHeard && !seen.has(input.session) && !hasSeenStrangers;
    add(key, { ...record, input: { ...input, key, cancellable, abandoned } });
  }
  addEnds(history, keysOf, add);
  return byKey;
}

/** The end of a session is an operation on each lock that it used. */
function addEnds(
  { records, deadlines }: LockHistory,
  keysOf: ReadonlyMap<number, ReadonlySet<string>>,
  add: (key: string, operation: LockOperation) => void,
): void {
  for (const record of records) {
    const { input } = record;
    if (input.kind !== 'close') continue;
    const keys = [...(keysOf.get(input.session) ?? [])];
    for (const key of keys) add(key, { ...record, input: { ...input, key } });
  }
  for (const { session, at } of deadlines) {
    const caller = `session ${session}`;
    for (const key of keysOf.get(session) ?? []) {
      const input = { kind: 'expire', session, key } as const;
      add(key, { caller, input, output: null, calledAt: at, returnedAt: null });
    }
  }
}

/** Sessions whose holds, and so tokens, others were shown. */
function sessionsSeen(records: readonly LockRecord[]): ReadonlySet<number> {
  return new Set(
    records.flatMap(({ output }) =>
      output?.kind === 'holders' ? output.holders.map(({ session }) => session) : [],
    ),
  );
}

/** True where a token that no answer brought was found valid: some lost grant must have it. */
function strangersValidated(records: readonly LockRecord[]): boolean {
  const granted = new Set(
    records.flatMap(({ output }) => (output?.kind === 'granted' ? [output.token] : [])),
  );
  return records.some(
    ({ input, output }) =>
      input.kind === 'validate' &&
      output?.kind === 'validity' &&
      output.valid &&
      !granted.has(input.token),
  );
}

/** When each session was last seen alive. */
function lastHeard(records: readonly LockRecord[]): ReadonlyMap<number, number> {
  const heardAt = new Map<number, number>();
  for (const { input, output, returnedAt } of records) {
    if (!('session' in input) || returnedAt === null || output?.kind === 'session-expired')
      continue;
    heardAt.set(input.session, Math.max(heardAt.get(input.session) ?? -Infinity, returnedAt));
  }
  return heardAt;
}
