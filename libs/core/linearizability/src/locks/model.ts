/**
 * One lock as it should behave: sessions, modes, re-entrancy, and tokens that only rise. Grants
 * whose answer got lost have an unknown token (null), bounded from below, until somebody sees it.
 *
 * The order of the queue isn't part of it: who waits isn't seen by clients.
 */
import { unreachable } from '@windlass/base';
import type { Model, Operation } from '../types.ts';
import { HoldMode, type LockInput, type LockOutput, type SeenHolder } from './types.ts';

/** As LockInput, with what the history tells beforehand. */
export type ModelInput =
  | (Exclude<LockInput, { readonly kind: 'acquire' }> & { readonly key: string })
  | (Extract<LockInput, { readonly kind: 'acquire' }> & {
      readonly key: string;
      /** A cancel of it is in the history. */
      readonly cancellable: boolean;
      /**
       * Nothing is heard of its session after its call, but that the session has expired; and
       * nobody is shown a hold of the session.
       */
      readonly abandoned: boolean;
    })
  | { readonly kind: 'expire'; readonly session: number; readonly key: string };

export type ModelHold = {
  readonly session: number;
  /** Null: not seen yet. */
  readonly token: number | null;
  /** The newest token before this one. */
  readonly after: number;
  readonly holdCount: number;
  readonly mode: HoldMode;
  readonly permits: number;
  readonly limit: number;
  /** Cancellable acquires that gave it, sorted. */
  readonly sequences: readonly number[];
};

export type LockState = {
  /** In the order of their grants. */
  readonly holds: readonly ModelHold[];
  /** The newest token that was seen. */
  readonly lastToken: number;
  /** Acquires that may not be granted any more, as 'session:sequence', sorted. */
  readonly cancelled: readonly string[];
  /** Sessions that are over. Not part of the key: what ended them is an operation. */
  readonly ended: readonly number[];
};

type Acquire = Extract<ModelInput, { readonly kind: 'acquire' }>;

export const lockModel: Model<LockState, ModelInput, LockOutput> = {
  initial: { holds: [], lastToken: 0, cancelled: [], ended: [] },
  step,
  key: ({ holds, lastToken, cancelled }) =>
    `${lastToken};${holds.map(keyOfHold).sort().join(';')};${cancelled.join(',')}`,
  isRead,
  mayMatter,
};

function step(state: LockState, input: ModelInput, output: LockOutput | null): LockState | null {
  if (output?.kind === 'no-effect') return state;
  if (output?.kind === 'session-expired') {
    return 'session' in input && state.ended.includes(input.session) ? state : null;
  }
  switch (input.kind) {
    case 'acquire':
      return stepAcquire(state, input, output);
    case 'release':
      return stepRelease(state, input.session, input.token, output);
    case 'cancel':
      return stepCancel(state, input.session, input.acquireSequence, output);
    case 'close':
    case 'expire':
      return endSession(state, input.session);
    case 'force-release':
      return forceRelease(state, input.token);
    case 'validate':
      return output?.kind === 'validity' ? stepValidate(state, input.token, output.valid) : state;
    case 'get':
      return output?.kind === 'holders' ? seeHolders(state, output.holders) : state;
    default:
      return unreachable(input);
  }
}

function stepAcquire(
  state: LockState,
  input: Acquire,
  output: LockOutput | null,
): LockState | null {
  const { holds } = state;
  const own = ownHold(state, input);
  if (output?.kind === 'held') return holds.length > 0 && own === null ? state : null;
  if (output?.kind === 'mode-conflict') {
    const conflicts = holds.some((hold) => hold.session === input.session && !covers(hold, input));
    return conflicts ? state : null;
  }
  if (output !== null && output.kind !== 'granted') return null;
  if (state.ended.includes(input.session)) return null;
  if (state.cancelled.includes(nameOf(input))) return null;
  const token = output?.token ?? null;
  const holdCount = output?.holdCount ?? null;
  if (own !== null) return reenter(state, own, input, token, holdCount);
  if (!isGrantable(state, input)) return null;
  if (token !== null && token <= state.lastToken) return null;
  if (holdCount !== null && holdCount !== 1) return null;
  const hold: ModelHold = {
    session: input.session,
    token,
    after: state.lastToken,
    holdCount: 1,
    mode: input.mode,
    permits: input.permits,
    limit: input.limit,
    sequences: input.cancellable ? [input.sequence] : [],
  };
  return { ...state, holds: [...holds, hold], lastToken: token ?? state.lastToken };
}

function reenter(
  state: LockState,
  own: ModelHold,
  input: Acquire,
  token: number | null,
  holdCount: number | null,
): LockState | null {
  const seen = token === null ? state : see(state, own, token);
  const hold = seen?.holds.find((each) => each.session === own.session);
  if (seen === null || hold === undefined) return null;
  if (holdCount !== null && holdCount !== hold.holdCount + 1) return null;
  const sequences = input.cancellable
    ? [...hold.sequences, input.sequence].sort((left, right) => left - right)
    : hold.sequences;
  return replaceHold(seen, hold, { ...hold, holdCount: hold.holdCount + 1, sequences });
}

function stepRelease(
  state: LockState,
  session: number,
  token: number,
  output: LockOutput | null,
): LockState | null {
  const known = holdOf(state, session, token);
  if (output?.kind === 'not-held') return known?.token === token ? null : state;
  if (known === null) return null;
  const seen = see(state, known, token);
  const hold = seen === null ? null : holdOf(seen, session, token);
  if (seen === null || hold === null) return null;
  const left = hold.holdCount - 1;
  if (output !== null && (output.kind !== 'released' || output.holdCount !== left)) return null;
  return replaceHold(seen, hold, left === 0 ? null : { ...hold, holdCount: left });
}

function stepCancel(
  state: LockState,
  session: number,
  sequence: number,
  output: LockOutput | null,
): LockState | null {
  if (output !== null && output.kind !== 'done' && output.kind !== 'released') return null;
  const hold = state.holds.find(
    (each) => each.session === session && each.sequences.includes(sequence),
  );
  if (hold === undefined) {
    const name = nameOf({ session, sequence });
    if (state.cancelled.includes(name)) return state;
    return { ...state, cancelled: [...state.cancelled, name].sort() };
  }
  const holdCount = hold.holdCount - 1;
  const sequences = hold.sequences.filter((each) => each !== sequence);
  return replaceHold(state, hold, holdCount === 0 ? null : { ...hold, holdCount, sequences });
}

function endSession(state: LockState, session: number): LockState | null {
  if (state.ended.includes(session)) return null;
  const holds = state.holds.filter((hold) => hold.session !== session);
  return { ...state, holds, ended: [...state.ended, session] };
}

function forceRelease(state: LockState, token: number): LockState | null {
  if (token === 0) return { ...state, holds: [] };
  const hold = state.holds.find((each) => mayBe(each, token));
  return hold === undefined ? null : replaceHold(state, hold, null);
}

function stepValidate(state: LockState, token: number, valid: boolean): LockState | null {
  const sure = state.holds.find((hold) => hold.token === token);
  if (!valid) return sure === undefined ? state : null;
  if (sure !== undefined) return state;
  const hold = state.holds.find((each) => mayBe(each, token));
  return hold === undefined ? null : see(state, hold, token);
}

function seeHolders(state: LockState, holders: readonly SeenHolder[]): LockState | null {
  if (holders.length !== state.holds.length) return null;
  let seen: LockState | null = state;
  for (const { session, token, holdCount } of holders) {
    const hold: ModelHold | null = holdOf(seen, session, token);
    if (hold === null || hold.holdCount !== holdCount) return null;
    seen = see(seen, hold, token);
    if (seen === null) return null;
  }
  return seen;
}

/** Pure refusals and answers that can't teach a token. */
function isRead(input: ModelInput, output: LockOutput | null): boolean {
  if (output === null) return input.kind === 'validate' || input.kind === 'get';
  switch (output.kind) {
    case 'held':
    case 'not-held':
    case 'mode-conflict':
    case 'no-effect':
    case 'session-expired':
      return true;
    case 'validity':
      return !output.valid;
    case 'granted':
    case 'released':
    case 'done':
    case 'holders':
      return false;
    default:
      return unreachable(output);
  }
}

/**
 * A session that holds nothing needs to end only for somebody to be told so. An abandoned grant
 * keeps others out, which helps no grant of theirs: it is needed only where the hold was seen.
 */
function mayMatter(
  state: LockState,
  candidate: ModelInput,
  target: Operation<ModelInput, LockOutput>,
): boolean {
  switch (candidate.kind) {
    case 'expire':
    case 'close':
      return holdsAny(state, candidate.session) || isOf(target.input, candidate.session);
    case 'acquire':
      return !candidate.abandoned || showsHolds(target.input, target.output);
    case 'release':
    case 'cancel':
      return holdsAny(state, candidate.session);
    case 'force-release':
      return state.holds.length > 0;
    case 'validate':
    case 'get':
      return false;
    default:
      return unreachable(candidate);
  }
}

function showsHolds(input: ModelInput, output: LockOutput | null): boolean {
  return output?.kind === 'held' || input.kind === 'validate' || input.kind === 'get';
}

function isOf(input: ModelInput, session: number): boolean {
  return 'session' in input && input.session === session;
}

function holdsAny(state: LockState, session: number): boolean {
  return state.holds.some((hold) => hold.session === session);
}

/** The hold that the acquire would only count up. A semaphore's permits are holds of their own. */
function ownHold(state: LockState, input: Acquire): ModelHold | null {
  const own = state.holds.find((hold) => hold.session === input.session && covers(hold, input));
  return own === undefined || own.mode === HoldMode.Semaphore ? null : own;
}

function covers(hold: ModelHold, { mode }: Acquire): boolean {
  if (hold.mode === HoldMode.Semaphore || mode === HoldMode.Semaphore) return hold.mode === mode;
  return hold.mode === HoldMode.Exclusive || mode === HoldMode.Shared;
}

function isGrantable({ holds }: LockState, { mode, permits, limit }: Acquire): boolean {
  if (holds.length === 0) return permits <= limit;
  if (mode === HoldMode.Exclusive || holds.some((hold) => hold.mode !== mode)) return false;
  if (mode === HoldMode.Shared) return true;
  const held = holds.reduce((sum, hold) => sum + hold.permits, 0);
  return holds.every((hold) => hold.limit === limit) && held + permits <= limit;
}

/** The session's hold with this token, or one whose token may be this. */
function holdOf(state: LockState, session: number, token: number): ModelHold | null {
  const own = state.holds.filter((hold) => hold.session === session);
  return own.find((hold) => hold.token === token) ?? own.find((hold) => mayBe(hold, token)) ?? null;
}

function mayBe(hold: ModelHold, token: number): boolean {
  return hold.token === null ? token > hold.after : hold.token === token;
}

/** The token of a hold becomes known. */
function see(state: LockState, hold: ModelHold, token: number): LockState | null {
  if (hold.token === token) return state;
  if (!mayBe(hold, token) || state.holds.some((other) => other.token === token)) return null;
  const lastToken = Math.max(state.lastToken, token);
  return { ...replaceHold(state, hold, { ...hold, token }), lastToken };
}

function replaceHold(state: LockState, hold: ModelHold, by: ModelHold | null): LockState {
  const holds = state.holds.flatMap((each) => {
    if (each !== hold) return [each];
    return by === null ? [] : [by];
  });
  return { ...state, holds };
}

function nameOf({ session, sequence }: { session: number; sequence: number }): string {
  return `${session}:${sequence}`;
}

function keyOfHold({
  session,
  token,
  after,
  holdCount,
  permits,
  sequences,
  mode,
  limit,
}: ModelHold) {
  const name = token === null ? `?${after}` : `${token}`;
  return `${session}:${name}:${holdCount}:${mode}:${permits}/${limit}:${sequences.join(',')}`;
}
