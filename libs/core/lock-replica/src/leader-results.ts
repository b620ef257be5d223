/**
 * What a leader does with an entry that was applied, and with reads that were confirmed: every
 * answer to a client goes out from here.
 */
import type { ApplyOutput, CommandOutcome, LockMachine } from '@windlass/lock-machine';
import { LockCode, type OperationResult } from '@windlass/lock-wire';
import type { Batch, OpenWaiter, ReadWaiter } from './batch.ts';
import type { Leader, LeaderParts } from './leader.ts';

/** Where the answers of one turn come from and go to. */
export type ResultContext = LeaderParts & {
  readonly leader: Leader;
  readonly machine: LockMachine;
  /** Awake time. */
  readonly nowMs: number;
  /** Index of the newest applied entry. */
  readonly index: number;
};

/** Hands out what an applied entry gave. `batch` is null for an entry of an earlier leadership. */
export function deliver(context: ResultContext, batch: Batch | null, output: ApplyOutput): void {
  deliverResults(context, batch, output);
  for (const outcome of output.outcomes) settle(context, outcome, batch);
  for (const { sessionId, key, token, code } of output.lost) {
    const stream = context.routes.streamOf(sessionId);
    if (stream === null) continue;
    stream.revocations.push({ key, token, code });
    context.routes.touch(stream);
  }
  if (batch !== null) confirm(context, batch.reads);
}

/** Answers reads: the leadership was confirmed after they came, and what they need is applied. */
export function confirm(context: ResultContext, reads: readonly ReadWaiter[]): void {
  for (const read of reads) confirmOne(context, read);
}

function deliverResults(context: ResultContext, batch: Batch | null, output: ApplyOutput): void {
  const { leader, nowMs } = context;
  let wait = 0;
  for (const { sessionId, result } of output.results) {
    if (result.code === LockCode.Queued && batch !== null) {
      // Both are in the order of the commands, and only a command is answered by Queued.
      while (wait < batch.waits.length) {
        const bounded = batch.waits[wait];
        wait += 1;
        if (bounded?.sessionId !== sessionId || bounded.sequence !== result.sequence) continue;
        if (bounded.deadlineMs === Number.POSITIVE_INFINITY) break;
        const { sequence } = bounded;
        const code = LockCode.WaitTimeout;
        leader.timers.add(Math.max(bounded.deadlineMs, nowMs), {
          kind: 'wait',
          sessionId,
          sequence,
          code,
        });
        break;
      }
    }
    deliverResult(context, sessionId, result);
  }
}

function deliverResult(context: ResultContext, sessionId: number, result: OperationResult): void {
  const { outbox, routes } = context;
  const call = routes.callOf(sessionId, result.sequence);
  if (call !== null) {
    if (result.code === LockCode.Queued) return;
    routes.removeCall(call);
    outbox.answer(call, { kind: 'result', result });
    return;
  }
  const stream = routes.streamOf(sessionId);
  if (stream === null) return;
  stream.results.push(result);
  routes.touch(stream);
}

function settle(context: ResultContext, outcome: CommandOutcome, batch: Batch | null): void {
  const { leader, nowMs, outbox } = context;
  switch (outcome.kind) {
    case 'opened':
      leader.clock.opened(outcome.sessionId, outcome.ttlMs, nowMs);
      welcome(context, outcome.sessionId, outcome.ttlMs, waiterOf(batch, outcome.sessionId));
      return;
    case 'not-opened':
      refuse(context, waiterOf(batch, outcome.sessionId), outcome.code, outcome.message);
      return;
    case 'ended':
      ended(context, outcome.sessionId, outcome.expired);
      return;
    case 'expiry-stale':
      leader.clock.expiryOvertaken(outcome.sessionId, nowMs);
      return;
    case 'silent':
      return;
    case 'heard':
      leader.clock.cleared(outcome.sessionId);
      return;
    case 'force-released': {
      const { actor, key, reason, released } = outcome;
      outbox.notice({ kind: 'force-released', key, released, actor, reason });
      const call = batch?.forceReleases.shift();
      if (call !== undefined) outbox.answer(call, { kind: 'force-released', released });
      return;
    }
    case 'done':
      return;
    default:
      outcome satisfies never;
  }
}

function waiterOf(batch: Batch | null, sessionId: number): OpenWaiter | null {
  return batch?.openWaiters.get(sessionId) ?? null;
}

function welcome(
  context: ResultContext,
  sessionId: number,
  ttlMs: number,
  waiter: OpenWaiter | null,
): void {
  const { outbox, routes, settings } = context;
  if (waiter === null) return;
  if (waiter.kind === 'call') {
    outbox.answer(waiter.call, { kind: 'opened', sessionId, ttlMs });
    return;
  }
  const stream = routes.stream(waiter.stream);
  if (stream === null) return;
  stream.welcome = { sessionId, ttlMs, lastSequence: 0, region: settings.region };
  routes.touch(stream);
}

function refuse(
  context: ResultContext,
  waiter: OpenWaiter | null,
  code: LockCode,
  message: string,
): void {
  if (waiter === null) return;
  if (waiter.kind === 'call') context.outbox.refuse(waiter.call, code, message);
  else context.outbox.end(waiter.stream, code, message);
}

function ended(context: ResultContext, sessionId: number, expired: boolean): void {
  const { leader, outbox, routes } = context;
  leader.clock.closed(sessionId);
  if (expired) outbox.notice({ kind: 'session-expired', sessionId });
  const stream = routes.streamOf(sessionId);
  if (stream === null) return;
  if (expired) outbox.end(stream.id, LockCode.SessionExpired, 'the session has expired');
  else outbox.end(stream.id, LockCode.Ok, 'the session is closed');
}

function confirmOne(context: ResultContext, read: ReadWaiter): void {
  const { index, leader, machine, outbox, routes } = context;
  switch (read.kind) {
    case 'stream-renewal': {
      const stream = routes.stream(read.stream);
      if (stream === null || stream.sessionId !== read.sessionId) return;
      if (leader.clock.mayAcknowledge(read.sessionId)) {
        stream.renewedFrame = Math.max(stream.renewedFrame, read.frame);
        routes.touch(stream);
      } else if (leader.clock.ttlMs(read.sessionId) === null) {
        outbox.end(stream.id, LockCode.SessionExpired, 'the session has expired');
      }
      return;
    }
    case 'call-renewal': {
      const ttlMs = leader.clock.ttlMs(read.sessionId);
      if (ttlMs !== null && leader.clock.mayAcknowledge(read.sessionId)) {
        outbox.answer(read.call, { kind: 'renewed', ttlMs });
      } else outbox.refuse(read.call, LockCode.SessionExpired, 'the session has expired');
      return;
    }
    case 'resume': {
      const stream = routes.stream(read.stream);
      if (stream === null) return;
      const session = machine.session(read.sessionId);
      if (session === null) {
        outbox.end(stream.id, LockCode.SessionExpired, 'the session has expired');
        return;
      }
      const { lastSequence, sessionId, ttlMs } = session;
      stream.welcome = { sessionId, ttlMs, lastSequence, region: context.settings.region };
      routes.touch(stream);
      return;
    }
    case 'get':
      outbox.answer(read.call, { kind: 'lock', lock: machine.get(read.key), index });
      return;
    case 'validate': {
      const { lastExclusiveToken, valid } = machine.validate(read.key, read.token);
      outbox.answer(read.call, { kind: 'validity', valid, lastExclusiveToken });
      return;
    }
    case 'barrier':
      outbox.answer(read.call, { kind: 'barrier', index });
      return;
    default:
      read satisfies never;
  }
}
