import type { SessionView } from '@windlass/lock-machine';
import { describe, expect, it } from 'vitest';
import { Renewal, SessionClock } from './session-clock.ts';

function view(sessionId: number, remainingMs: number | null): SessionView {
  return {
    sessionId,
    ttlMs: 1_000,
    clientName: '',
    remainingMs,
    lastIndex: 1,
    lastSequence: 0,
    holdCount: 0,
    waitCount: 0,
  };
}

function clockWith(remainingMs: number | null): SessionClock {
  const clock = new SessionClock();
  clock.begin([view(1, remainingMs)], 0);
  return clock;
}

/** What is found while time passes in steps of 10 ms, as `kind@time`. */
function findings(clock: SessionClock, fromMs: number, toMs: number): readonly string[] {
  const found: string[] = [];
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 10) {
    for (const finding of clock.due(nowMs)) found.push(`${finding.kind}@${nowMs}`);
  }
  return found;
}

describe('a silent session', () => {
  it('is logged at each quarter of its TTL and expires at its end (invariant 7)', () => {
    expect(findings(clockWith(null), 0, 1_100)).toEqual([
      'silent@260',
      'silent@520',
      'silent@780',
      'expire@1000',
    ]);
  });

  it('expires after what is left of its TTL by the log, not after a new one (invariant 7)', () => {
    expect(findings(clockWith(250), 0, 400).at(-1)).toBe('expire@260');
  });

  it('lives on when it is heard, and its renewal goes through the log once', () => {
    const clock = clockWith(null);
    findings(clock, 0, 300);
    expect(clock.mayAcknowledge(1)).toBe(false);
    expect(clock.heard(1, 300)).toBe(Renewal.Log);
    expect(clock.mayAcknowledge(1)).toBe(false);
    clock.cleared(1);
    expect(clock.mayAcknowledge(1)).toBe(true);
    expect(clock.heard(1, 310)).toBe(Renewal.Confirm);
    expect(findings(clock, 310, 1_300).at(-1)).not.toContain('expire');
  });

  it('is renewed no more once its expiry is proposed (invariant 5)', () => {
    const clock = clockWith(null);
    findings(clock, 0, 1_010);
    expect(clock.heard(1, 1_020)).toBe(Renewal.Refused);
    expect(clock.mayAcknowledge(1)).toBe(false);
    clock.expiryOvertaken(1, 1_030);
    clock.cleared(1);
    expect(clock.heard(1, 1_040)).toBe(Renewal.Confirm);
    expect(clock.mayAcknowledge(1)).toBe(true);
  });

  it('is forgotten when it is closed', () => {
    const clock = clockWith(null);
    clock.closed(1);
    expect(clock.ttlMs(1)).toBeNull();
    expect(findings(clock, 0, 2_000)).toEqual([]);
  });
});
