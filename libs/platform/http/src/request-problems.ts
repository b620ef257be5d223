/** Everything that is wrong with a request's address, body and headers, in one list. */
import { type FieldProblem, WindlassError } from '@windlass/errors';
import type { FastifyRequest } from 'fastify';
import { fieldProblems, type RequestPart, requestParts } from './field-problems.ts';
import type { HttpLimits } from './limits.ts';
import { isTooDeep, unsafeParts } from './unsafe-parts.ts';

/**
 * Problems that no schema has to name: parts that are never accepted, whatever the route. Where
 * there are any, the schemas' problems are added, so that the answer is complete.
 *
 * @returns null where there are none; the schemas are then left to Fastify
 */
export function unsafeRequest(request: FastifyRequest, limits: HttpLimits): WindlassError | null {
  const { jsonDepthMax, fieldProblemsMax } = limits;
  const unsafe = [
    ...unsafeParts(request.params, requestParts.params, jsonDepthMax, fieldProblemsMax),
    ...unsafeParts(request.body, requestParts.body, jsonDepthMax, fieldProblemsMax),
    ...unsafeParts(request.query, requestParts.querystring, jsonDepthMax, fieldProblemsMax),
  ];
  if (unsafe.length === 0) return null;
  // Validators recurse: what is too deep must not reach them.
  const invalid = unsafe.some(isTooDeep) ? [] : invalidParts(request, limits);
  const named = new Set(unsafe.map(({ field }) => field));
  return invalidRequest([...unsafe, ...invalid.filter(({ field }) => !named.has(field))], limits);
}

/**
 * The problems of all parts that have a schema. Fastify itself stops at the first part that isn't
 * valid.
 */
export function invalidParts(request: FastifyRequest, limits: HttpLimits): readonly FieldProblem[] {
  const values: Readonly<Record<RequestPart, unknown>> = {
    params: request.params,
    body: request.body,
    querystring: request.query,
    headers: request.headers,
  };
  return (['params', 'body', 'querystring', 'headers'] as const).flatMap((part) => {
    const validate = request.getValidationFunction(part);
    // A validator of ajv answers at once; `errors` are those of its last call.
    if (validate === undefined || validate(values[part])) return [];
    if (part === 'body' && values.body === undefined) {
      return [{ field: 'body', message: 'is required' }];
    }
    return fieldProblems(validate.errors ?? [], part, limits.fieldProblemsMax);
  });
}

export function invalidRequest(
  fields: readonly FieldProblem[],
  { fieldProblemsMax }: HttpLimits,
): WindlassError {
  const detail =
    fields.length === 1 ? 'One field is not valid.' : `${fields.length} fields are not valid.`;
  return new WindlassError('validation-failed', detail, {
    fields: fields.slice(0, fieldProblemsMax),
  });
}
