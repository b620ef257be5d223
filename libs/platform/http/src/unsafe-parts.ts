/**
 * What no value of a request may hold, as it would break something further in: PostgreSQL takes
 * neither NUL nor half a surrogate pair, recursions run out of stack, `__proto__` changes the
 * objects it is copied into.
 */
import type { FieldProblem } from '@windlass/errors';
import { childPath } from './field-path.ts';

const tooDeepMessage = 'is nested too deep';

type Part = { readonly value: unknown; readonly path: string; readonly depth: number };

/**
 * Finds them, without recursion.
 *
 * @param rootPath how the paths begin; may be empty
 * @param depthMax levels of nesting, at least 1
 * @param problemsMax the search ends after this many
 */
export function unsafeParts(
  root: unknown,
  rootPath: string,
  depthMax: number,
  problemsMax: number,
): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const open: Part[] = [{ value: root, path: rootPath, depth: 0 }];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (problems.length >= problemsMax) return problems;
    const { value, path, depth } = part;
    const field = path === '' ? 'body' : path;
    const message = unsafeValue(value);
    if (message !== null) problems.push({ field, message });
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= depthMax) {
      problems.push({ field, message: tooDeepMessage, limit: depthMax });
      continue;
    }
    const isList = Array.isArray(value);
    const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
    for (const [name, inner] of entries) {
      const innerPath = childPath(path, isList ? Number(name) : name);
      const nameProblem = isList ? null : unsafeName(name, inner);
      if (nameProblem !== null) problems.push({ field: innerPath, message: nameProblem });
      else open.push({ value: inner, path: innerPath, depth: depth + 1 });
    }
  }
  return problems;
}

/** True for the problem of a value that must not be given to anything that recurses. */
export function isTooDeep({ message }: FieldProblem): boolean {
  return message === tooDeepMessage;
}

/** Refuses names that reach an object's prototype when they are copied carelessly. */
function unsafeName(name: string, value: unknown): string | null {
  const reachesPrototype =
    name === '__proto__' ||
    (name === 'constructor' &&
      typeof value === 'object' &&
      value !== null &&
      Object.hasOwn(value, 'prototype'));
  if (reachesPrototype) return 'is not a known field';
  return unsafeValue(name) === null ? null : 'is not a valid name';
}

function unsafeValue(value: unknown): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'is too large a number';
  if (typeof value !== 'string') return null;
  if (value.includes('\0')) return 'must not contain the NUL character';
  return value.isWellFormed() ? null : 'must not contain half of a surrogate pair';
}
