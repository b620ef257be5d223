/** The end of a log, without reading all of it. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { errorCode } from '../system-errors.ts';

/** Log lines are mostly far shorter; where they aren't, fewer of them are shown. */
const lineBytesGuess = 1_024;

/** Up to linesMax of the file's last lines; none where there is no such file. */
export function tailOfFile(path: string, linesMax: number): string[] {
  if (linesMax <= 0) return [];
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    const wanted = Math.min(size, linesMax * lineBytesGuess);
    const buffer = Buffer.alloc(wanted);
    const read = readSync(file, buffer, 0, wanted, size - wanted);
    const lines = buffer.toString('utf8', 0, read).split('\n');
    // The first one may have been cut.
    if (wanted < size) lines.shift();
    if (lines.at(-1) === '') lines.pop();
    return lines.slice(-linesMax);
  } finally {
    closeSync(file);
  }
}
