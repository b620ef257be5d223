/** Responses as the document describes them: a named schema, its headers, and the problems. */

import { type ErrorCode, errorEntry, problemMediaType } from '@windlass/errors';
import { type Static, Type } from 'typebox';

export const problemSchema = Type.Object(
  {
    type: Type.String({ format: 'uri', description: 'Names the kind of problem.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What happened this time.' }),
    instance: Type.String({ description: 'Path of the request.' }),
    code: Type.String({ description: 'The last part of type.' }),
    errors: Type.Array(
      Type.Object({
        field: Type.String(),
        message: Type.String(),
        limit: Type.Optional(
          Type.Unsafe<number | string>({ type: ['number', 'string'], description: 'The bound.' }),
        ),
      }),
      { description: 'Every field that is at fault.' },
    ),
  },
  {
    $id: 'Problem',
    additionalProperties: true,
    description: 'A problem document (RFC 9457).',
    examples: [
      {
        type: 'https://windlass.dev/problems/validation-failed',
        title: 'The request is not valid',
        status: 400,
        detail: '1 field breaks its rules.',
        instance: '/api/v1/deployments/requests/create',
        code: 'validation-failed',
        errors: [{ field: 'replicas', message: 'must be at most 1000', limit: 1000 }],
      },
    ],
  },
);
export type Problem = Static<typeof problemSchema>;

type Headers = Readonly<Record<string, { readonly type: 'string'; readonly description: string }>>;

const header = (description: string) => ({ type: 'string' as const, description });

/** What answers about one request carry. */
export const requestHeaders = {
  ETag: header('Version of the request, for If-Match and If-None-Match.'),
  'X-Request-ID': header('The id under which the same request can be repeated.'),
} satisfies Headers;

export const acceptedHeaders = {
  ...requestHeaders,
  Location: header('Where the request is.'),
  'Retry-After': header('Seconds after which to look again.'),
} satisfies Headers;

export const tagHeader = { ETag: header('Version of what is answered.') } satisfies Headers;

/** A response with a body of a named schema. */
export function jsonResponse(description: string, schemaName: string, headers: Headers = {}) {
  return {
    description,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    content: { 'application/json': { schema: { $ref: `${schemaName}#` } } },
  };
}

export function textResponse(description: string, mediaType: string, headers: Headers = {}) {
  return {
    description,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    content: { [mediaType]: { schema: { type: 'string' } } },
  };
}

export function emptyResponse(description: string) {
  return { description, type: 'null' };
}

/** The problems that any call with a user can meet. */
const common: readonly ErrorCode[] = [
  'validation-failed',
  'unauthenticated',
  'rate-limited',
  'unavailable',
];

/** The problems that a call can meet, by status. Every one is a problem document. */
export function problemResponses(...codes: readonly ErrorCode[]) {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set([...common, ...codes])) {
    const { status } = errorEntry(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, statusCodes]) => [
      status,
      {
        description: statusCodes.map((code) => `${code}: ${errorEntry(code).title}.`).join(' '),
        content: { [problemMediaType]: { schema: { $ref: 'Problem#' } } },
      },
    ]),
  );
}

/** What every change of a request answers: PATCH, DELETE and the operations. */
export const changeResponses = {
  200: requestOrDryRun(
    'The same change again: the request as it is. With dryRun: what would happen.',
  ),
  202: jsonResponse('A new revision was accepted.', 'DeploymentRequest', acceptedHeaders),
  ...problemResponses(
    'malformed-body',
    'not-found',
    'deletion-in-progress',
    'queue-full',
    'conflict',
    'version-mismatch',
    'idempotency-payload-mismatch',
    'policy-violation',
    'quota-exceeded',
    'body-too-large',
    'unsupported-media-type',
  ),
};

/** A repeated call gives the request, one with `dryRun` what would happen. */
export function requestOrDryRun(description: string) {
  const anyOf = [{ $ref: 'DeploymentRequest#' }, { $ref: 'DryRun#' }];
  return {
    description,
    headers: requestHeaders,
    content: { 'application/json': { schema: { anyOf } } },
  };
}
