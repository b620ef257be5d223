/**
 * The hash that tells a repeated request from another one under the same id: SHA-256 over the body
 * in a canonical form (members sorted, no white space), so that the order in which a client writes
 * its members doesn't matter.
 */
import { hash } from 'node:crypto';

/** JSON with the members of every object sorted. Members that are undefined are left out. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/**
 * @param action what is done to what, such as `SCALE web`: the same body under another action is
 *   another payload
 * @param body as the client sent it, already validated (so its depth is bounded)
 * @returns 64 hexadecimal digits
 */
export function payloadHash(action: string, body: unknown): string {
  return hash('sha256', `${action}\n${canonicalJson(body)}`, 'hex');
}
