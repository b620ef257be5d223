import { describe, expect, it } from 'vitest';
import { keyBytesMax, metadataBytesMax, operationBounds, permitsMax } from './bounds.ts';
import { acquire, cancel, close, release, setMetadata } from './operations.ts';
import { LockMode, LockScope, type Operation, waitForever } from './types.ts';
import { utf8Bytes } from './utf8.ts';
import { validateOperation } from './validate-operation.ts';

const good = acquire({ sequence: 1, key: 'invoice-42' });
const { Semaphore } = LockMode;

/** As a newer or a broken client would send it. */
const strange = (fields: Partial<Record<keyof Operation, unknown>>): Operation =>
  ({ ...good, ...fields }) as Operation;

const inBounds: readonly Operation[] = [
  good,
  acquire({ sequence: 2 ** 52 - 1, key: 'k'.repeat(keyBytesMax), waitMs: waitForever }),
  acquire({ sequence: 0, key: '€'.repeat(341), scope: LockScope.Global, mode: LockMode.Shared }),
  acquire({ sequence: 1, key: 'k', mode: Semaphore, limit: permitsMax, permits: permitsMax }),
  acquire({ sequence: 1, key: 'k', mode: Semaphore, limit: 1 }),
  acquire({ sequence: 1, key: 'k', permits: 1 }),
  release({ sequence: 1, key: 'k', token: 2 ** 53 - 1 }),
  cancel({ sequence: 2, acquireSequence: 1 }),
  setMetadata({ sequence: 1, key: 'k', token: 5, metadata: new Uint8Array(metadataBytesMax) }),
  close({ sequence: 1 }),
];

const outOfBounds: readonly (readonly [Operation, string])[] = [
  [strange({ kind: 0 }), 'operation: its kind is not known to this version'],
  [strange({ sequence: 2 ** 52 }), 'sequence: must be a whole number below 2^52'],
  [strange({ sequence: -1 }), 'sequence: must be a whole number below 2^52'],
  [strange({ sequence: 1.5 }), 'sequence: must be a whole number below 2^52'],
  [strange({ token: 2 ** 53 }), 'token: must be a whole number below 2^53'],
  [
    cancel({ sequence: 1, acquireSequence: 2 ** 53 }),
    'acquire_sequence: must be a whole number below 2^53',
  ],
  [strange({ key: '' }), 'key: must have 1 to 1024 bytes, has none'],
  [strange({ key: 'k'.repeat(1025) }), 'key: must have at most 1024 bytes of UTF-8'],
  [strange({ key: '€'.repeat(342) }), 'key: must have at most 1024 bytes of UTF-8'],
  [strange({ key: 'a\udc00' }), 'key: must be UTF-8, has a lone surrogate'],
  [release({ sequence: 1, key: '', token: 1 }), 'key: must have 1 to 1024 bytes, has none'],
  [
    setMetadata({ sequence: 1, key: 'k', token: 1, metadata: new Uint8Array(4097) }),
    'metadata: must have at most 4096 bytes, has 4097',
  ],
  [strange({ mode: 9 }), 'mode: 9 is not known'],
  [strange({ scope: 3 }), 'scope: 3 is not known'],
  [strange({ waitMs: 2 ** 32 }), 'wait_ms: must be a whole number up to 4294967295'],
  [strange({ limit: 5 }), 'limit, permits: are for semaphores only'],
  [strange({ permits: 2 }), 'limit, permits: are for semaphores only'],
  [strange({ mode: Semaphore, permits: 1 }), 'limit: must be 1 to 1000000'],
  [strange({ mode: Semaphore, permits: 1, limit: 1_000_001 }), 'limit: must be 1 to 1000000'],
  [strange({ mode: Semaphore, permits: 0, limit: 5 }), 'permits: must be 1 to limit (5)'],
  [strange({ mode: Semaphore, permits: 6, limit: 5 }), 'permits: must be 1 to limit (5)'],
];

describe('validateOperation', () => {
  it.each(inBounds)('lets in what is in bounds (%#)', (operation) => {
    expect(validateOperation(operation, operationBounds)).toBeNull();
  });

  it.each(outOfBounds)('names the field and the limit (%#)', (operation, message) => {
    expect(validateOperation(operation, operationBounds)).toBe(message);
  });
});

describe('utf8Bytes', () => {
  it('counts as the encoder writes', () => {
    for (const text of ['', 'abc', 'äß\u07ff', '\u0800€\uffff', '🔒a🗝', '\ud7ff\ue000']) {
      expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length);
    }
  });
});
