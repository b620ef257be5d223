/**
 * The lock manager again, so plain that it can be checked by reading: arrays that are filtered, no
 * links, no counts. model.test.ts compares it with the machine, command by command.
 */
import {
  anonymousSequenceMin,
  type Command,
  LockCode,
  type LockLimits,
  LockMode,
  type Operation,
  OperationKind,
  type OperationResult,
} from '@windlass/lock-wire';
import { defaultLimits } from '../limits.ts';
import {
  type ApplyOutput,
  type CommandOutcome,
  type EntryPosition,
  type LockEvent,
  LockEventKind,
  type LostHold,
  type SessionResult,
} from '../types.ts';
import {
  exhausted,
  granted,
  type ModelHold,
  type ModelSession,
  type ModelWaiter,
  plain,
} from './naive-records.ts';

const none = new Uint8Array(0);

export class NaiveModel {
  sessions: ModelSession[] = [];
  /** In the order of their grants. */
  holds: ModelHold[] = [];
  /** In the order of their arrival. */
  waiters: ModelWaiter[] = [];
  limits: LockLimits = defaultLimits;
  lastToken = 0;
  #index = 0;
  #term = 0;
  #results: SessionResult[] = [];
  #lost: LostHold[] = [];
  #events: LockEvent[] = [];
  #outcomes: CommandOutcome[] = [];

  apply({ index, term }: EntryPosition, commands: readonly Command[]): ApplyOutput {
    this.#index = index;
    this.#term = term;
    this.#results = [];
    this.#lost = [];
    this.#events = [];
    this.#outcomes = [];
    for (const command of commands) this.#apply(command);
    return {
      results: this.#results,
      lost: this.#lost,
      events: this.#events,
      outcomes: this.#outcomes,
    };
  }

  #apply(command: Command): void {
    const outcomes = this.#outcomes;
    if (command.kind === 'operation') this.#operation(command);
    else if (command.kind === 'open-session') outcomes.push(this.#open(command));
    else if (command.kind === 'expire-session' || command.kind === 'session-silent') {
      this.#judge(command);
    } else if (command.kind === 'session-heard') {
      const { sessionId } = command;
      const session = this.sessions.find((each) => each.id === sessionId);
      if (session !== undefined) this.#touch(session);
      const kind = session === undefined ? 'expiry-stale' : 'heard';
      outcomes.push({ kind, sessionId });
    } else if (command.kind === 'end-wait') this.#endWait(command);
    else if (command.kind === 'force-release') this.#forceRelease(command);
    else {
      outcomes.push({ kind: 'done' });
      if (command.kind === 'raise-tokens') {
        this.lastToken = Math.max(this.lastToken, command.floor);
      } else if (command.kind === 'set-limits') this.limits = command.limits;
    }
  }

  #open(command: Extract<Command, { kind: 'open-session' }>): CommandOutcome {
    const { sessionId, ttlMs, clientName } = command;
    if (this.sessions.some(({ id }) => id === sessionId)) {
      const message = 'the id of the session is taken';
      return { kind: 'not-opened', sessionId, code: LockCode.Unavailable, message };
    }
    if (this.sessions.length >= this.limits.sessionsMax) {
      const code = LockCode.ResourceExhausted;
      return { kind: 'not-opened', sessionId, code, message: 'sessionsMax' };
    }
    this.sessions.push({
      id: sessionId,
      ttlMs,
      clientName,
      lastIndex: this.#index,
      remainingMs: null,
      lastSequence: 0,
      acknowledged: 0,
      answers: [],
    });
    return { kind: 'opened', sessionId, ttlMs };
  }

  #judge(command: Extract<Command, { kind: 'expire-session' | 'session-silent' }>): void {
    const { sessionId, lastIndex, term } = command;
    const session = this.sessions.find(({ id }) => id === sessionId);
    if (session === undefined || term !== this.#term || session.lastIndex > lastIndex) {
      this.#outcomes.push({ kind: 'expiry-stale', sessionId });
    } else if (command.kind === 'expire-session') this.#end(session, true);
    else {
      session.remainingMs = command.remainingMs;
      const { remainingMs } = command;
      this.#outcomes.push({ kind: 'silent', sessionId, remainingMs });
    }
  }

  #touch(session: ModelSession): void {
    session.lastIndex = this.#index;
    session.remainingMs = null;
  }

  #operation(command: Extract<Command, { kind: 'operation' }>): void {
    const { sessionId, operation, acknowledgedSequence } = command;
    const { sequence } = operation;
    const session = this.sessions.find(({ id }) => id === sessionId);
    if (session === undefined) {
      const result = plain(sequence, LockCode.SessionExpired);
      this.#results.push({ sessionId, result });
      return;
    }
    this.#touch(session);
    session.acknowledged = Math.max(session.acknowledged, acknowledgedSequence);
    session.answers = session.answers.filter((each) => each.sequence > session.acknowledged);
    const known = this.#known(session, operation);
    if (known === null) this.#perform(session, operation);
    else this.#results.push({ sessionId, result: known });
  }

  /** The answer without applying the operation; null: it has to be applied. */
  #known(session: ModelSession, operation: Operation): OperationResult | null {
    const { sequence, kind, key } = operation;
    if (sequence === 0 || sequence >= anonymousSequenceMin) return null;
    const waits = this.waiters.some(
      (each) => each.session === session && each.operation.sequence === sequence,
    );
    if (sequence <= session.acknowledged) {
      const hold = this.holds.find(
        (each) => each.session === session && each.sequence === sequence && each.key === key,
      );
      if (kind === OperationKind.Acquire && waits) return this.#queued(session, sequence);
      if (kind === OperationKind.Acquire && hold !== undefined) return granted(hold, sequence);
      return plain(sequence, LockCode.SequenceForgotten);
    }
    if (waits) return this.#queued(session, sequence);
    const first = session.answers.find((each) => each.sequence === sequence);
    if (first !== undefined) return first;
    const waiting = this.waiters.filter(
      ({ session: other, operation: { sequence: waits } }) =>
        other === session && waits > session.acknowledged && waits < anonymousSequenceMin,
    );
    const kept = session.answers.length + waiting.length;
    if (kind === OperationKind.Close || kept < this.limits.unacknowledgedPerSessionMax) return null;
    return plain(sequence, LockCode.ResourceExhausted, 'unacknowledgedPerSessionMax');
  }

  #queued(session: ModelSession, sequence: number): OperationResult {
    const isIt = (each: ModelWaiter) =>
      each.session === session && each.operation.sequence === sequence;
    const { key } = this.waiters.find(isIt)?.operation ?? { key: '' };
    const position = this.#queue(key).findIndex(isIt) + 1;
    return { ...plain(sequence, LockCode.Queued), position };
  }

  #queue(key: string): readonly ModelWaiter[] {
    return this.waiters.filter((each) => each.operation.key === key);
  }

  #holders(key: string): readonly ModelHold[] {
    return this.holds.filter((each) => each.key === key);
  }

  #perform(session: ModelSession, operation: Operation): void {
    const { kind, sequence, key, token } = operation;
    const mine = this.holds.filter((each) => each.session === session);
    const hold = mine.find((each) => each.key === key && each.token === token);
    if (kind === OperationKind.Acquire) {
      const result = this.#acquire(session, operation);
      if (result.code === LockCode.Queued) this.#tell(session, result);
      else this.#answer(session, result);
    } else if (kind === OperationKind.Close) {
      this.#tell(session, plain(sequence, LockCode.Ok));
      this.#end(session, false);
    } else if (kind === OperationKind.Cancel) this.#cancel(session, operation);
    else if (hold === undefined) this.#answer(session, plain(sequence, LockCode.NotHeld));
    else if (kind === OperationKind.Release) this.#release(hold, sequence);
    else {
      hold.metadata = operation.metadata;
      this.#event(LockEventKind.Metadata, hold, hold.metadata);
      this.#answer(session, plain(sequence, LockCode.Ok));
    }
  }

  #acquire(session: ModelSession, operation: Operation): OperationResult {
    const { key, mode, permits, limit, sequence } = operation;
    if (mode === LockMode.Semaphore && (permits < 1 || permits > limit)) {
      return plain(sequence, LockCode.Invalid, 'permits');
    }
    const isNew = this.#holders(key).length === 0;
    const keys = new Set(this.holds.map((each) => each.key));
    if (isNew && keys.size >= this.limits.locksMax) return exhausted(sequence, 'locksMax');
    const count =
      this.holds.filter((each) => each.session === session).length +
      this.waiters.filter((each) => each.session === session).length;
    const full = count >= this.limits.holdsPerSessionMax;
    const verdict = this.#verdict(session, operation);
    if (typeof verdict !== 'string') {
      verdict.holdCount += 1;
      return granted(verdict, sequence);
    }
    if (verdict === 'conflict') return plain(sequence, LockCode.ModeConflict);
    if (verdict === 'mismatch') return plain(sequence, LockCode.LimitMismatch);
    const queue = this.#queue(key);
    const next = verdict === 'free' && queue.length === 0;
    if (!next && operation.waitMs === 0) return plain(sequence, LockCode.Held);
    if (full) return exhausted(sequence, 'holdsPerSessionMax');
    if (next) return this.#grant(session, operation);
    if (sequence === 0) {
      return plain(sequence, LockCode.Invalid, 'sequence: an acquire that waits needs one');
    }
    const twin = this.waiters.some(
      (each) => each.session === session && each.operation.sequence === sequence,
    );
    if (twin) return plain(sequence, LockCode.Invalid, 'sequence: another acquire waits under it');
    if (queue.length >= this.limits.waitersPerLockMax) {
      return exhausted(sequence, 'waitersPerLockMax');
    }
    this.waiters.push({ session, operation });
    this.#know(session, sequence);
    return { ...plain(sequence, LockCode.Queued), position: queue.length + 1 };
  }

  /** The hold to take once more, or what there is to do instead; without regard to the queue. */
  #verdict(
    session: ModelSession,
    { key, mode, limit, permits }: Operation,
  ): ModelHold | 'free' | 'busy' | 'conflict' | 'mismatch' {
    const holders = this.#holders(key);
    const [first] = holders;
    if (first === undefined) return 'free';
    const own = holders.find((each) => each.session === session);
    if (own !== undefined) {
      if (own.mode === LockMode.Exclusive && mode !== LockMode.Semaphore) return own;
      if (own.mode === LockMode.Shared && mode === LockMode.Shared) return own;
      if (own.mode !== LockMode.Semaphore || mode !== LockMode.Semaphore) return 'conflict';
    }
    if (mode !== first.mode || mode === LockMode.Exclusive) return 'busy';
    if (mode === LockMode.Shared) return 'free';
    if (limit !== first.limit) return 'mismatch';
    const used = holders.reduce((sum, each) => sum + each.permits, 0);
    return used + permits <= limit ? 'free' : 'busy';
  }

  #grant(session: ModelSession, operation: Operation): OperationResult {
    const { key, sequence, mode, metadata } = operation;
    const before = this.#lastExclusive.get(key) ?? this.lastToken;
    this.lastToken += 1;
    const token = this.lastToken;
    const lastExclusiveToken = mode === LockMode.Exclusive ? token : before;
    this.#lastExclusive.set(key, lastExclusiveToken);
    const permits = mode === LockMode.Semaphore ? operation.permits : 0;
    const limit = mode === LockMode.Semaphore ? operation.limit : 0;
    const kind = { mode, permits, limit, lastExclusiveToken, metadata };
    const hold: ModelHold = { key, session, token, sequence, holdCount: 1, ...kind };
    this.holds.push(hold);
    this.#event(LockEventKind.Granted, hold, metadata);
    return granted(hold, sequence);
  }

  /** Of locks in use. */
  readonly #lastExclusive = new Map<string, number>();

  #advance(key: string): void {
    for (;;) {
      const head = this.#queue(key)[0];
      if (head === undefined) break;
      const { session, operation } = head;
      const verdict = this.#verdict(session, operation);
      if (verdict === 'busy') break;
      this.waiters = this.waiters.filter((each) => each !== head);
      const { sequence } = operation;
      let result = plain(sequence, LockCode.ModeConflict);
      if (verdict === 'mismatch') result = plain(sequence, LockCode.LimitMismatch);
      if (verdict === 'free') result = this.#grant(session, operation);
      if (typeof verdict !== 'string') {
        verdict.holdCount += 1;
        result = granted(verdict, sequence);
      }
      this.#answer(session, result);
    }
    if (this.#holders(key).length === 0) this.#lastExclusive.delete(key);
  }

  #release(hold: ModelHold, sequence: number): void {
    hold.holdCount -= 1;
    const { holdCount, key, session } = hold;
    this.#answer(session, { ...plain(sequence, LockCode.Ok), holdCount });
    if (holdCount > 0) return;
    this.holds = this.holds.filter((each) => each !== hold);
    this.#event(LockEventKind.Released, hold, none);
    this.#advance(key);
  }

  #cancel(session: ModelSession, { sequence, token: target }: Operation): void {
    const waiter = this.waiters.find(
      (each) => target > 0 && each.session === session && each.operation.sequence === target,
    );
    if (waiter !== undefined) {
      this.waiters = this.waiters.filter((each) => each !== waiter);
      this.#answer(session, plain(target, LockCode.Cancelled));
      this.#answer(session, plain(sequence, LockCode.Ok));
      this.#advance(waiter.operation.key);
      return;
    }
    const first = session.answers.find((each) => each.sequence === target);
    const hold = this.holds.findLast(
      (each) =>
        target > 0 &&
        each.session === session &&
        (first === undefined ? each.sequence === target : each.token === first.token),
    );
    if (hold === undefined) this.#answer(session, plain(sequence, LockCode.NotFound));
    else this.#release(hold, sequence);
  }

  #end(session: ModelSession, expired: boolean): void {
    const holds = this.holds.filter((each) => each.session === session);
    const waiters = this.waiters.filter((each) => each.session === session);
    this.holds = this.holds.filter((each) => each.session !== session);
    this.waiters = this.waiters.filter((each) => each.session !== session);
    this.sessions = this.sessions.filter((each) => each !== session);
    for (const hold of holds) this.#event(LockEventKind.Expired, hold, none);
    this.#outcomes.push({ kind: 'ended', sessionId: session.id, expired });
    const keys = [...holds.map(({ key }) => key), ...waiters.map((each) => each.operation.key)];
    for (const key of new Set(keys)) this.#advance(key);
  }

  #endWait(command: Extract<Command, { kind: 'end-wait' }>): void {
    const { sessionId, sequence, code } = command;
    const ended = this.waiters.filter(
      ({ session, operation }) =>
        session.id === sessionId && (sequence === 0 || operation.sequence === sequence),
    );
    this.#outcomes.push({ kind: 'done' });
    this.waiters = this.waiters.filter((each) => !ended.includes(each));
    for (const { session, operation } of ended) {
      this.#answer(session, plain(operation.sequence, code));
    }
    for (const key of new Set(ended.map((each) => each.operation.key))) this.#advance(key);
  }

  #forceRelease(command: Extract<Command, { kind: 'force-release' }>): void {
    const { key, token, actor, reason } = command;
    const taken = this.#holders(key).filter((each) => token === 0 || each.token === token);
    this.holds = this.holds.filter((each) => !taken.includes(each));
    for (const hold of taken) {
      const code = LockCode.ForceReleased;
      this.#lost.push({ sessionId: hold.session.id, key, token: hold.token, code });
      this.#event(LockEventKind.ForceReleased, hold, none);
    }
    this.#advance(key);
    this.#outcomes.push({ kind: 'force-released', key, released: taken.length, actor, reason });
  }

  #event(kind: LockEventKind, hold: ModelHold, metadata: Uint8Array): void {
    const { key, session, token } = hold;
    this.#events.push({ kind, key, sessionId: session.id, token, metadata });
  }

  #tell(session: ModelSession, result: OperationResult): void {
    this.#results.push({ sessionId: session.id, result });
  }

  #answer(session: ModelSession, result: OperationResult): void {
    const { sequence } = result;
    this.#tell(session, result);
    this.#know(session, sequence);
    if (sequence === 0 || sequence >= anonymousSequenceMin) return;
    if (sequence > session.acknowledged) session.answers.push(result);
  }

  #know(session: ModelSession, sequence: number): void {
    if (sequence >= anonymousSequenceMin || sequence <= session.acknowledged) return;
    session.lastSequence = Math.max(session.lastSequence, sequence);
  }
}
