/**
 * A session by unary calls, without the client library: a bug of it can't hide one of the lock
 * manager. Each operation has its sequence and is repeated until its outcome is known, or the
 * session is.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@windlass/base';
import type { Grant } from '@windlass/proto/lock/v1';
import { LockCode, LockCodeSchema, LockMode } from '@windlass/proto/lock/v1';
import type { LockAnswer, LockCall, LockNodes } from './lock-nodes.ts';
import type {
  AcquireOutcome,
  Held,
  LockKind,
  LockSession,
  Lost,
  ReleaseOutcome,
  Unexpected,
  Wish,
} from './session.ts';

export type PlainSessionOptions = {
  readonly nodes: LockNodes;
  readonly ttlMs: number;
  readonly clientName: string;
  readonly random: Random;
};

/** A node that is there answers at once; one that is stopped never does. */
const tryMs = 1_000;
/** Beside what an acquire may wait: the answer's way. */
const answerMs = 1_000;
/** So often within a TTL the session is renewed. */
const renewalsPerTtl = 4;
/** What a session's deadline stays below its TTL: a clock's drift, and the way of a use. */
const safetyMs = 50;
const safetyShare = 0.01;
/** An operation is repeated for as long as the session may live. */
const lastTriesMs = 30_000;
const openingMs = 10_000;

const modes = {
  exclusive: LockMode.EXCLUSIVE,
  shared: LockMode.SHARED,
  semaphore: LockMode.SEMAPHORE,
} as const satisfies Record<LockKind['mode'], LockMode>;

/** Null where nobody opens one. */
export async function openPlainSession(options: PlainSessionOptions): Promise<LockSession | null> {
  const { nodes, ttlMs, clientName, random } = options;
  const opened = await nodes.ask((calls, call) => calls.openSession({ ttlMs, clientName }, call), {
    tryMs,
    untilMs: performance.now() + openingMs,
    random,
  });
  if (opened.kind !== 'answered') return null;
  return new PlainSession(options, opened.value.sessionId, opened.sentMs);
}

class PlainSession implements LockSession {
  readonly ttlMs: number;
  readonly #nodes: LockNodes;
  readonly #random: Random;
  readonly #sessionId: bigint;
  readonly #sleeping = new AbortController();
  readonly #renewing: Promise<void>;
  #sequence = 0n;
  /** Of performance.now(). */
  #reliableUntilMs: number;
  #isLost = false;
  /** A renewal's answer, told by the next operation. */
  #renewalRefused: Unexpected | Lost | null = null;

  constructor(options: PlainSessionOptions, sessionId: bigint, openedMs: number) {
    this.ttlMs = options.ttlMs;
    this.#nodes = options.nodes;
    this.#random = options.random;
    this.#sessionId = sessionId;
    this.#reliableUntilMs = this.#deadlineFrom(openedMs);
    this.#renewing = this.#renew();
  }

  async acquire({ key, kind, waitMs }: Wish): Promise<AcquireOutcome> {
    if (this.#renewalRefused !== null) return this.#renewalRefused;
    const sequence = this.#next();
    const { mode, limit } = kind;
    const acquire = { key, mode: modes[mode], limit, permits: limit === 0 ? 0 : 1, waitMs };
    const request = { sessionId: this.#sessionId, sequence, acquire };
    const answer = await this.#ask(
      (calls, call) =>
        waitMs === 0
          ? calls.tryAcquire(request, call).then(({ grant }) => grant)
          : calls.acquire(request, call).then(({ grant }) => grant),
      waitMs + answerMs,
    );
    switch (answer.kind) {
      case 'answered':
        return answer.value === undefined
          ? { kind: 'not-granted' }
          : { kind: 'granted', held: this.#held(key, answer.value) };
      case 'refused':
        return notGranted.has(answer.code) ? { kind: 'not-granted' } : this.#refused(answer);
      default:
        return this.#withoutAnswer(answer);
    }
  }

  readonly fallAsleep = (): void => this.#sleeping.abort();

  async close(): Promise<void> {
    this.#sleeping.abort();
    await this.#renewing;
    const sessionId = this.#sessionId;
    // What nobody hears now ends with the TTL.
    await this.#ask((calls, call) => calls.closeSession({ sessionId }, call), tryMs);
    this.#isLost = true;
  }

  #held(key: string, grant: Grant): Held {
    let isReleased = false;
    const release = async (): Promise<ReleaseOutcome> => {
      isReleased = true;
      const sequence = this.#next();
      const request = {
        sessionId: this.#sessionId,
        sequence,
        release: { key, token: grant.token },
      };
      const answer = await this.#ask((calls, call) => calls.release(request, call), tryMs);
      switch (answer.kind) {
        case 'answered':
          return answer.value.holdCount === 0
            ? { kind: 'released' }
            : unexpected(`a release of the only hold leaves ${answer.value.holdCount}`);
        case 'refused':
          return this.#refused(answer);
        default:
          return this.#withoutAnswer(answer);
      }
    };
    return {
      token: Number(grant.token),
      remainingMs: () => (isReleased ? 0 : this.#remainingMs()),
      release,
    };
  }

  #next(): bigint {
    this.#sequence += 1n;
    return this.#sequence;
  }

  #remainingMs(): number {
    return this.#isLost ? 0 : Math.max(0, this.#reliableUntilMs - performance.now());
  }

  #deadlineFrom(sentMs: number): number {
    return sentMs + this.ttlMs * (1 - safetyShare) - safetyMs;
  }

  #ask<Value>(call: LockCall<Value>, perTryMs: number): Promise<LockAnswer<Value>> {
    const untilMs = performance.now() + lastTriesMs;
    return this.#nodes.ask(call, { tryMs: perTryMs, untilMs, random: this.#random });
  }

  async #renew(): Promise<void> {
    const { signal } = this.#sleeping;
    const everyMs = this.ttlMs / renewalsPerTtl;
    const request = { sessionId: this.#sessionId };
    while (!this.#isLost) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const answer = await this.#nodes.ask((calls, call) => calls.renewSession(request, call), {
        tryMs: everyMs,
        untilMs: this.#reliableUntilMs,
        random: this.#random,
      });
      // One that was asked for in time counts, also where the sleep has begun meanwhile.
      if (answer.kind === 'answered') {
        this.#reliableUntilMs = Math.max(this.#reliableUntilMs, this.#deadlineFrom(answer.sentMs));
      }
      if (answer.kind === 'refused') this.#renewalRefused = this.#refused(answer);
    }
  }

  /** An operation that was refused: right only where the session may be over. */
  #refused({ code, message }: Extract<LockAnswer<never>, { kind: 'refused' }>): Lost | Unexpected {
    const leftMs = this.#remainingMs();
    const isEnd = code === LockCode.SESSION_EXPIRED || code === LockCode.NOT_HELD;
    if (isEnd && leftMs === 0) {
      this.#isLost = true;
      return { kind: 'lost' };
    }
    const name = LockCodeSchema.value[code]?.name ?? String(code);
    if (code !== LockCode.SESSION_EXPIRED) return unexpected(`${name}: ${message}`);
    this.#isLost = true;
    const detail = `${name}, ${Math.round(leftMs)} ms before its end: ${message}`;
    return { kind: 'unexpected', rule: 'expired-early', detail };
  }

  #withoutAnswer(answer: Extract<LockAnswer<never>, { kind: 'broken' | 'silent' }>) {
    if (answer.kind === 'broken') return unexpected(answer.message);
    this.#isLost = true;
    return { kind: 'lost' } as const;
  }
}

/** The wait is over, or the call that waited was given up by its deadline. */
const notGranted: ReadonlySet<LockCode> = new Set([
  LockCode.HELD,
  LockCode.WAIT_TIMEOUT,
  LockCode.CANCELLED,
]);

function unexpected(detail: string): Unexpected {
  return { kind: 'unexpected', rule: 'unexpected-answer', detail };
}
