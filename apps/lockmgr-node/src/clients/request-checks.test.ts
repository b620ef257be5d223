import { acquire, LockCode, LockScope, type SessionRequestFrame } from '@windlass/lock-wire';
import { describe, expect, it } from 'vitest';
import { createRequestChecks } from './request-checks.ts';

const checks = createRequestChecks({ ttlMinMs: 1_000, ttlMaxMs: 300_000 });

function frame(changes: Partial<SessionRequestFrame>): SessionRequestFrame {
  return { hello: null, operations: [], acknowledgedSequence: 0, frame: 1, ...changes };
}

describe('a frame', () => {
  it('passes as it is when nothing is wrong with it', () => {
    const fine = frame({ operations: [acquire({ sequence: 1, key: 'k' })] });
    expect(checks.frame(fine)).toBeNull();
    expect(checks.split(fine)).toEqual({ frame: fine, refused: [] });
  });

  it.each([
    [frame({ frame: 0 }), 'frame: is counted from 1'],
    [frame({ operations: [acquire({ sequence: 0, key: 'k' })] }), 'sequence: 0 is not within'],
    [frame({ hello: { sessionId: 0, ttlMs: 999, clientName: '' } }), 'ttl_ms: 999 is not within'],
    [
      frame({ hello: { sessionId: 0, ttlMs: 300_001, clientName: '' } }),
      'ttl_ms: 300001 is not within 1000 to 300000',
    ],
    [
      frame({ hello: { sessionId: 0, ttlMs: 0, clientName: 'ä'.repeat(128) } }),
      'client_name: 256 bytes; at most 255',
    ],
  ])('that breaks a bound is refused with its name: %#', (broken, message) => {
    expect(checks.frame(broken)).toContain(message);
  });

  it('loses only the operations that are wrong, each with its own answer', () => {
    const long = acquire({ sequence: 2, key: 'k'.repeat(1_025) });
    const global = acquire({ sequence: 3, key: 'k', scope: LockScope.Global });
    const fine = acquire({ sequence: 1, key: 'k' });
    const { frame: left, refused } = checks.split(frame({ operations: [fine, long, global] }));
    expect(left.operations).toEqual([fine]);
    expect(refused.map(({ code, sequence }) => ({ code, sequence }))).toEqual([
      { code: LockCode.Invalid, sequence: 2 },
      { code: LockCode.Unimplemented, sequence: 3 },
    ]);
    expect(refused[0]?.message).toContain('key: must have at most 1024 bytes');
  });
});
