/** Ids that nobody can guess: of nodes, clusters and sessions. */
import { randomBytes } from 'node:crypto';

/** A random number in [1, 2^53). */
export function randomId(): number {
  const bytes = randomBytes(8);
  const high = bytes.readUInt32LE(0) % 2 ** 21;
  return high * 2 ** 32 + bytes.readUInt32LE(4) || 1;
}
