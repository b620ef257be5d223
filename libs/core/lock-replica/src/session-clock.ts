/**
 * How long the sessions of a leader have been silent, and what the log has to be told about it.
 *
 * Only a leader keeps this, in memory. What outlives it is in the log: every quarter of a TTL
 * without a word is logged with what remains, and the next leader goes on from there; so a session
 * ends also if leaders change for ever. Time here is the replica's awake time: a pause of the
 * process isn't counted as the clients' silence, which can only make a session live longer.
 */
import { assert } from '@windlass/base';
import type { SessionView } from '@windlass/lock-machine';
import { Deadlines } from './deadlines.ts';

/** A session's silence is logged after each of so many equal parts of its TTL. */
const partsPerTtl = 4;

type ClockedSession = {
  readonly sessionId: number;
  readonly ttlMs: number;
  /** When it was heard last, or when this node began to lead. */
  heardMs: number;
  /** What was left at heardMs. Invariant: 0 <= leftMs <= ttlMs. */
  leftMs: number;
  /** The log says, or will say, that it is silent: its next renewal goes through the log. */
  silent: boolean;
  /** An expiry is proposed: no renewal is acknowledged any more. */
  expiring: boolean;
  closed: boolean;
};

/** What the log has to be told. */
export type SilenceFinding =
  | { readonly kind: 'expire'; readonly sessionId: number }
  | { readonly kind: 'silent'; readonly sessionId: number; readonly remainingMs: number };

export const Renewal = {
  /** A confirmation of the leadership is enough. */
  Confirm: 'confirm',
  /** The log has to say first that the session was heard. */
  Log: 'log',
  /** Unknown, or its expiry is proposed. */
  Refused: 'refused',
} as const;
export type Renewal = (typeof Renewal)[keyof typeof Renewal];

export class SessionClock {
  readonly #sessions = new Map<number, ClockedSession>();
  readonly #deadlines = new Deadlines<ClockedSession>();

  /** Begins with what the log says, when this node begins to lead. */
  begin(sessions: Iterable<SessionView>, nowMs: number): void {
    this.end();
    for (const session of sessions) {
      const { sessionId, ttlMs, remainingMs } = session;
      this.#add(sessionId, ttlMs, remainingMs ?? ttlMs, remainingMs !== null, nowMs);
    }
  }

  /** Forgets everything: this node doesn't lead any more. */
  end(): void {
    this.#sessions.clear();
    this.#deadlines.clear();
  }

  opened(sessionId: number, ttlMs: number, nowMs: number): void {
    this.#add(sessionId, ttlMs, ttlMs, false, nowMs);
  }

  closed(sessionId: number): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    session.closed = true;
    this.#sessions.delete(sessionId);
  }

  /** The TTL begins anew: something came from the session's client. */
  heard(sessionId: number, nowMs: number): Renewal {
    const session = this.#sessions.get(sessionId);
    if (session === undefined || session.expiring) return Renewal.Refused;
    session.heardMs = nowMs;
    session.leftMs = session.ttlMs;
    return session.silent ? Renewal.Log : Renewal.Confirm;
  }

  /** The log cleared the silence: a command of the session, or one that says it was heard. */
  cleared(sessionId: number): void {
    const session = this.#sessions.get(sessionId);
    if (session !== undefined) session.silent = false;
  }

  /** A proposed expiry was stale: the session had logged something before it. */
  expiryOvertaken(sessionId: number, nowMs: number): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    session.expiring = false;
    session.heardMs = nowMs;
    session.leftMs = session.ttlMs;
    this.#watch(session);
  }

  /** True if a renewal of this session may be acknowledged now. */
  mayAcknowledge(sessionId: number): boolean {
    const session = this.#sessions.get(sessionId);
    return session !== undefined && !session.expiring && !session.silent;
  }

  /** TTL of a live session in milliseconds, or null. */
  ttlMs(sessionId: number): number | null {
    return this.#sessions.get(sessionId)?.ttlMs ?? null;
  }

  /** What has become due. The caller proposes all of it, as long as it leads. */
  due(nowMs: number): readonly SilenceFinding[] {
    const findings: SilenceFinding[] = [];
    for (const session of this.#deadlines.due(nowMs)) {
      if (session.closed || session.expiring) continue;
      const silentMs = nowMs - session.heardMs;
      const remainingMs = session.leftMs - silentMs;
      if (remainingMs <= 0) {
        session.expiring = true;
        findings.push({ kind: 'expire', sessionId: session.sessionId });
        continue;
      }
      if (silentMs >= session.ttlMs / partsPerTtl) {
        session.silent = true;
        session.leftMs = remainingMs;
        session.heardMs = nowMs;
        findings.push({
          kind: 'silent',
          sessionId: session.sessionId,
          remainingMs: Math.ceil(remainingMs),
        });
      }
      this.#watch(session);
    }
    return findings;
  }

  #add(sessionId: number, ttlMs: number, leftMs: number, silent: boolean, nowMs: number): void {
    assert(!this.#sessions.has(sessionId), 'a session is opened once');
    const session: ClockedSession = {
      sessionId,
      ttlMs,
      heardMs: nowMs,
      leftMs: Math.min(leftMs, ttlMs),
      silent,
      expiring: false,
      closed: false,
    };
    this.#sessions.set(sessionId, session);
    this.#watch(session);
  }

  /** Looks again at the next quarter of silence, or at the end, whichever comes first. */
  #watch(session: ClockedSession): void {
    const aheadMs = Math.min(session.leftMs, session.ttlMs / partsPerTtl);
    this.#deadlines.add(session.heardMs + aheadMs, session);
  }
}
