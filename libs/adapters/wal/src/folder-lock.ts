/**
 * One process per folder. Node has no flock, but it has SQLite, which holds a lock of the kernel
 * (fcntl(2)) on its file for as long as a transaction is open. The kernel releases it when the
 * process ends, however it ends, so there is no stale lock to judge; and unlike a pid or a socket it
 * also holds between containers of one machine that share the volume. SQLite itself keeps two
 * openings of one process apart, which fcntl alone wouldn't. Nothing is ever written to the file.
 */
import { DatabaseSync } from 'node:sqlite';

/** SQLITE_BUSY of the list of result codes. */
const busy = 5;

/** Takes the lock, or gives null where somebody has it. Throws where the file can't be made. */
export function lockFile(path: string): (() => void) | null {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return null;
    throw error;
  }
  return () => database.close();
}
