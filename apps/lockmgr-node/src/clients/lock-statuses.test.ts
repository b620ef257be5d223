import { readFileSync } from 'node:fs';
import { status } from '@grpc/grpc-js';
import { LockCode } from '@windlass/lock-wire';
import { expect, it } from 'vitest';
import { lockStatuses } from './lock-statuses.ts';

const document = readFileSync(new URL('../../../../docs/locks.md', import.meta.url), 'utf8');

/** `SessionExpired` → `SESSION_EXPIRED`, as in lock.proto. */
function named(code: string): string {
  return code.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

it('docs/locks.md has each code with its status, in their order', () => {
  const [, table = ''] = document.split('<!-- lock codes -->');
  const [rows = ''] = table.split('<!-- /lock codes -->');
  const shown = [...rows.matchAll(/^\| `(\w+)` +\| `(\w+)` +\| \S/gm)].map(([, code, name]) => [
    code,
    name,
  ]);
  const expected = Object.entries(LockCode).map(([code, value]) => [
    named(code),
    status[lockStatuses[value]],
  ]);
  expect(shown).toEqual(expected);
});
