import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorsDocument } from './document.ts';
import { GrpcStatus } from './grpc.ts';
import { type ErrorEntry, errorRegistry } from './registry.ts';

const entries: readonly (readonly [string, ErrorEntry])[] = Object.entries(errorRegistry);

describe('the registry', () => {
  it.each(entries)('%s is complete', (code, entry) => {
    expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    expect(entry.status).toBeGreaterThanOrEqual(400);
    expect(entry.status).toBeLessThan(600);
    expect(GrpcStatus[entry.grpcStatus]).toBeTypeOf('number');
    expect(entry.title).not.toMatch(/[.|\n]/);
    expect(entry.description).toMatch(/^[^|\n]+\.$/);
  });

  it('blames the server with 5xx for its own failures only', () => {
    const ours = entries.filter(([, { status }]) => status >= 500).map(([code]) => code);
    expect(ours.toSorted()).toEqual(['deadline', 'internal', 'unavailable']);
  });

  it('offers another try exactly where the exit code says so', () => {
    const tryAgain = entries.filter(([, { exitCode }]) => exitCode === 'TryAgain');
    expect(tryAgain).toEqual(entries.filter(([, { passing }]) => passing));
  });

  it('has no code or status renamed by accident: both are public', () => {
    const pinned = Object.fromEntries(entries.map(([code, { status }]) => [code, status]));
    expect(pinned).toMatchObject({
      'validation-failed': 400,
      'malformed-body': 400,
      unauthenticated: 401,
      forbidden: 403,
      'not-found': 404,
      'method-not-allowed': 405,
      'identifier-taken': 409,
      'deletion-in-progress': 409,
      'queue-full': 409,
      'version-mismatch': 412,
      'body-too-large': 413,
      'unsupported-media-type': 415,
      'idempotency-payload-mismatch': 422,
      'policy-violation': 422,
      'rate-limited': 429,
      internal: 500,
      unavailable: 503,
      deadline: 504,
    });
  });
});

/** The text without the alignment of its tables, which is the formatter's matter. */
function unaligned(text: string): string {
  return text
    .replaceAll(/ *\| */g, '|')
    .replaceAll(/-{3,}/g, '---')
    .trimEnd();
}

describe('docs/errors.md', () => {
  it('is the registry, word for word', () => {
    const file = new URL('../../../../docs/errors.md', import.meta.url);
    const isUpdate = process.env['UPDATE'] === '1' && process.env['CI'] === undefined;
    if (isUpdate) writeFileSync(file, errorsDocument());
    expect(unaligned(readFileSync(file, 'utf8'))).toBe(unaligned(errorsDocument()));
  });
});
