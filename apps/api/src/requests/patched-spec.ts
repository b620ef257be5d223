/** The spec after a PATCH: merged, then held to everything that a new spec is held to. */
import { fail, ok, type Result } from '@windlass/base';
import { type DeploymentSpec, mergeSpec } from '@windlass/deployment-spec';
import { type FieldProblem, WindlassError } from '@windlass/errors';
import type { RequestRecord } from '@windlass/postgres';
import type { Admission } from '../policy/admission.ts';
import type { PatchBody } from '../schemas/request.ts';

/** A compiled schema; as ajv's. */
export type ShapeCheck = {
  (value: unknown): boolean;
  errors?: readonly ShapeError[] | null;
};
type ShapeError = {
  readonly instancePath: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
};

export function patchedSpec(
  current: RequestRecord,
  patch: PatchBody,
  isShapedRight: ShapeCheck,
  admission: Admission,
): Result<DeploymentSpec, WindlassError> {
  const { identifier, namespace, ...changes } = patch;
  const immutable = [
    ...immutableProblems('identifier', identifier, current.identifier),
    ...immutableProblems('namespace', namespace, current.namespace),
  ];
  if (immutable.length > 0) return fail(invalid(immutable));
  const merged = mergeSpec(current.spec, changes);
  if (!isShapedRight(merged)) return fail(invalid((isShapedRight.errors ?? []).map(problemOf)));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its shape was checked above
  const spec = merged as DeploymentSpec;
  const refusal = admission(spec, current.identifier, current.namespace);
  return refusal === null ? ok(spec) : fail(refusal);
}

function immutableProblems(
  field: string,
  wanted: unknown,
  present: string,
): readonly FieldProblem[] {
  if (wanted === undefined || wanted === present) return [];
  return [{ field, message: `can't be changed; it is ${present}` }];
}

/**
 * The patch itself had the right shape, so what is left are members that it took away, or that an
 * object needs which it made.
 */
function problemOf(error: ShapeError): FieldProblem {
  const parent = error.instancePath
    .split('/')
    .slice(1)
    .map((token) => (/^\d+$/.test(token) ? `[${token}]` : `.${token}`))
    .join('')
    .replace(/^\./, '');
  const missing = error.params['missingProperty'];
  if (typeof missing === 'string') {
    return { field: parent === '' ? missing : `${parent}.${missing}`, message: 'is required' };
  }
  return { field: parent, message: error.message ?? 'is not valid' };
}

function invalid(fields: readonly FieldProblem[]): WindlassError {
  return new WindlassError('validation-failed', 'The deployment would not be valid any more.', {
    fields,
  });
}
