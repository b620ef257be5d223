/** What ajv found, told to people: one problem per field, with the limit that was broken. */
import type { FieldProblem } from '@windlass/errors';
import type { ErrorObject } from 'ajv';
import { childPath, pathOfPointer } from './field-path.ts';

/** Parts of a request that have a schema, and how their fields' paths begin. */
export const requestParts = {
  params: 'path',
  body: '',
  querystring: 'query',
  headers: 'header',
} as const;
export type RequestPart = keyof typeof requestParts;

/** Texts of a limit (enumerations, patterns) are cut here. */
const limitLengthMax = 256;

/** The problems of one part of a request, each field and message once, in ajv's order. */
export function fieldProblems(
  errors: readonly ErrorObject[],
  part: RequestPart,
  problemsMax: number,
): readonly FieldProblem[] {
  const seen = new Set<string>();
  const problems: FieldProblem[] = [];
  for (const error of mergedAlternatives(errors)) {
    if (problems.length >= problemsMax) break;
    const problem = problemOf(error, part);
    const identity = `${problem.field} ${problem.message}`;
    if (seen.has(identity)) continue;
    seen.add(identity);
    problems.push(problem);
  }
  return problems;
}

function problemOf(error: ErrorObject, part: RequestPart): FieldProblem {
  const parent = pathOfPointer(error.instancePath, requestParts[part]);
  const inner = innerName(error);
  const path = inner === null ? parent : childPath(parent, inner);
  const field = path === '' ? 'body' : path;
  const limit = limitOf(error);
  const message = messageOf(error, part);
  return limit === null ? { field, message } : { field, message, limit };
}

/** The name within the object at fault that an error is about, or null. */
function innerName({ keyword, params, propertyName }: ErrorObject): string | null {
  if (propertyName !== undefined) return propertyName;
  const name: unknown =
    keyword === 'required' || keyword === 'dependentRequired'
      ? params['missingProperty']
      : (params['additionalProperty'] ?? params['unevaluatedProperty'] ?? params['propertyName']);
  return typeof name === 'string' ? name : null;
}

function limitOf({ keyword, params }: ErrorObject): string | number | null {
  const value: unknown =
    params['limit'] ??
    params['pattern'] ??
    params['format'] ??
    params['multipleOf'] ??
    (keyword === 'enum' ? listed(params['allowedValues']) : undefined);
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? shortened(value) : null;
}

function messageOf(error: ErrorObject, part: RequestPart): string {
  const { keyword, params } = error;
  const limit = String(params['limit']);
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'dependentRequired':
      return `is required together with ${String(params['property'])}`;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return part === 'querystring' ? 'is not a known parameter' : 'is not a known field';
    case 'propertyNames':
      return 'is not a valid name here';
    case 'type':
      return `must be ${typesText(params['type'])}`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    case 'exclusiveMinimum':
      return `must be more than ${limit}`;
    case 'exclusiveMaximum':
      return `must be less than ${limit}`;
    case 'multipleOf':
      return `must be a multiple of ${String(params['multipleOf'])}`;
    case 'minLength':
      return `must have at least ${counted(limit, 'character')}`;
    case 'maxLength':
      return `must have at most ${counted(limit, 'character')}`;
    case 'minItems':
      return `must have at least ${counted(limit, 'item')}`;
    case 'maxItems':
      return `must have at most ${counted(limit, 'item')}`;
    case 'minProperties':
      return `must have at least ${counted(limit, 'field')}`;
    case 'maxProperties':
      return `must have at most ${counted(limit, 'field')}`;
    case 'uniqueItems':
      return `must not repeat items (${String(params['j'])} and ${String(params['i'])} are the same)`;
    case 'enum':
      return `must be one of ${shortened(listed(params['allowedValues']))}`;
    case 'const':
      return `must be ${shortened(JSON.stringify(params['allowedValue']))}`;
    case 'pattern':
      return `must match ${shortened(String(params['pattern']))}`;
    case 'format':
      return `must have the format ${String(params['format'])}`;
    case 'not':
    case 'false schema':
      return 'is not allowed';
    default:
      return error.message ?? 'is not valid';
  }
}

/**
 * Replaces what ajv says about unions: its list holds the errors of every branch, of which at most
 * one was meant. Kept are the errors of the branch that fits best; where every branch fails at the
 * value itself, one error says what is possible. Inner unions are merged before outer ones.
 */
function mergedAlternatives(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const unions = errors
    .filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
    .toSorted((left, right) => right.schemaPath.length - left.schemaPath.length);
  let kept: readonly ErrorObject[] = errors.filter(
    ({ keyword }) => keyword !== 'if' && keyword !== 'propertyNames',
  );
  if (!kept.some(({ propertyName }) => propertyName !== undefined)) {
    kept = errors.filter(({ keyword }) => keyword !== 'if');
  }
  for (const union of unions) kept = mergeUnion(kept, union);
  return kept;
}

function mergeUnion(errors: readonly ErrorObject[], union: ErrorObject): readonly ErrorObject[] {
  const prefix = `${union.schemaPath}/`;
  const isBranch = ({ schemaPath, instancePath }: ErrorObject) =>
    schemaPath.startsWith(prefix) && instancePath.startsWith(union.instancePath);
  const branches = Map.groupBy(errors.filter(isBranch), ({ schemaPath }) =>
    schemaPath.slice(prefix.length).split('/', 1).join(''),
  );
  if (branches.size === 0) return errors;
  const replacement = bestBranch([...branches.values()], union);
  const position = errors.indexOf(union);
  const others = (part: readonly ErrorObject[]) => part.filter((error) => !isBranch(error));
  return [
    ...others(errors.slice(0, position)),
    ...replacement,
    ...others(errors.slice(position + 1)),
  ];
}

function bestBranch(
  branches: readonly (readonly ErrorObject[])[],
  union: ErrorObject,
): readonly ErrorObject[] {
  const atValue = branches.flat().filter((error) => error.instancePath === union.instancePath);
  const consts = atValue.filter(({ keyword }) => keyword === 'const');
  if (consts.length === branches.length) {
    const allowedValues = consts.map(({ params }): unknown => params['allowedValue']);
    return [{ ...union, keyword: 'enum', params: { allowedValues } }];
  }
  const types = atValue.filter(({ keyword }) => keyword === 'type');
  if (types.length === branches.length) {
    const type = types.flatMap(({ params }): unknown => params['type']);
    return [{ ...union, keyword: 'type', params: { type } }];
  }
  const rightType = branches.filter(
    (branch) =>
      !branch.some(
        ({ keyword, instancePath }) => keyword === 'type' && instancePath === union.instancePath,
      ),
  );
  const [best] = (rightType.length > 0 ? rightType : branches).toSorted(
    (left, right) => weight(left) - weight(right),
  );
  return best ?? [union];
}

/** Branches that the value plainly wasn't meant for (another discriminator) weigh most. */
function weight(branch: readonly ErrorObject[]): number {
  const foreign = branch.filter(({ keyword }) => keyword === 'const').length;
  return branch.length + foreign * 1_000;
}

function typesText(types: unknown): string {
  const names: readonly unknown[] = Array.isArray(types) ? types : [types];
  const unique = [...new Set(names.map(String))];
  return unique
    .map((name) => {
      if (name === 'null') return 'null';
      return /^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`;
    })
    .join(' or ');
}

function counted(count: string, noun: string): string {
  return count === '1' ? `1 ${noun}` : `${count} ${noun}s`;
}

function listed(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(', ') : '';
}

function shortened(text: string): string {
  return text.length > limitLengthMax ? `${text.slice(0, limitLengthMax)}…` : text;
}
