/** Keeps the logs from filling the disk. Their writers append, so that a file can be cut. */
import { copyFileSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

/** Name of the supervisor's own log. */
export const supervisorName = 'supervisor';
/** Marks what the supervisor writes into a component's log. */
export const noteMark = '[stack]';

/** Days of a quiet stack, minutes of one at debug level; with the older half, twice this. */
export const logBytesMax = 32 * 1024 * 1024;

/** Moves what is in a log that has become too long to `<name>.log.1`, and begins it anew. */
export function trimLogs(logs: string, bytesMax: number = logBytesMax): void {
  for (const name of readdirSync(logs).filter((each) => each.endsWith('.log'))) {
    const path = join(logs, name);
    if (statSync(path).size <= bytesMax) continue;
    copyFileSync(path, `${path}.1`);
    truncateSync(path, 0);
  }
}
