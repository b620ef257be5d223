/** Folders that go when their process does. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdFolder, releaseFolder } from '../servers/keeper.ts';

export type TemporaryFolder = { readonly path: string; readonly remove: () => void };

/** A new folder, removed by `remove`, or when this process ends without that. */
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'windlass-test-'));
  // PostgreSQL runs as a user of its own when the tests run as root.
  chmodSync(path, 0o755);
  holdFolder(path);
  const remove = () => {
    rmSync(path, { recursive: true, force: true });
    releaseFolder(path);
  };
  return { path, remove };
}
