/** JSON Merge Patch (RFC 7396) on a spec: what PATCH means. */
import type { DeploymentSpec } from './types.ts';

/**
 * The spec after the patch: objects are merged member by member, null removes a member, anything
 * else (lists too) replaces it. Neither input is changed.
 *
 * The result is unknown on purpose: a patch can remove what is required or put anything anywhere, so
 * the caller validates the result as it would a new spec.
 */
export function mergeSpec(current: DeploymentSpec, patch: unknown): unknown {
  return merge(current, patch);
}

/** Section 2 of the RFC. Entries, not assignment: `__proto__` is then a member like any other. */
function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, merge(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
