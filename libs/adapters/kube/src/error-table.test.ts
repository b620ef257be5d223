import { describe, expect, it } from 'vitest';
import { classifyKubeError, errorTable, type KubeErrorKind, rowOf } from './error-table.ts';
import { errorFromAnswer, errorWithoutAnswer, type KubeError, NoAnswer } from './kube-error.ts';

const subject = { verb: 'apply', resource: 'deployments', kind: 'Deployment', target: 'a/web' };

type StatusFields = {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: object;
};

/** As the API server answers. */
function answer(code: number, fields: StatusFields = {}): KubeError {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, ...fields };
  return errorFromAnswer(subject, code, {}, JSON.stringify(status));
}

/** As something in between answers. */
function page(code: number, body = '<html>gateway</html>'): KubeError {
  return errorFromAnswer(subject, code, {}, body);
}

function noAnswer(reason: NoAnswer, code?: string): KubeError {
  const cause = code === undefined ? undefined : Object.assign(new Error('socket'), { code });
  return errorWithoutAnswer(subject, reason, 'nothing', cause);
}

const about = (kind: string, name = 'web') => ({ details: { name, kind } });

/** Row, what was met, and what it must be taken for. Every row has at least one line here. */
const cases: readonly (readonly [string, string, KubeError, KubeErrorKind])[] = [
  ['aborted', 'the caller stopped it', noAnswer(NoAnswer.Aborted), 'passing'],
  ['answer-too-large', 'an answer over the bound', noAnswer(NoAnswer.AnswerTooLarge), 'final'],
  ['no-answer', 'the deadline', noAnswer(NoAnswer.DeadlineExceeded), 'passing'],
  ['no-answer', 'cut JSON', noAnswer(NoAnswer.MalformedAnswer), 'passing'],
  ['no-answer', 'an older list', noAnswer(NoAnswer.StaleAnswer), 'passing'],
  ['no-answer', 'a plugin that failed', noAnswer(NoAnswer.CredentialsFailed), 'passing'],
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EPROTO',
    'CERT_HAS_EXPIRED',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ].map(
    (code) => ['no-answer', code, noAnswer(NoAnswer.ConnectionFailed, code), 'passing'] as const,
  ),
  ['unauthenticated', '401', answer(401, { reason: 'Unauthorized' }), 'passing'],
  [
    'admission-warming-up',
    'an API server that just started',
    answer(403, {
      reason: 'Forbidden',
      message: 'deployments.apps "web" is forbidden: not yet ready to handle request',
    }),
    'passing',
  ],
  [
    'quota-warming-up',
    'a quota without a status',
    answer(403, {
      reason: 'Forbidden',
      message:
        'deployments.apps "web" is forbidden: status unknown for quota: q, resources: count/deployments.apps',
    }),
    'passing',
  ],
  [
    'rbac-warming-up',
    'a binding before its role',
    answer(403, {
      reason: 'Forbidden',
      message:
        'deployments.apps "web" is forbidden: User "w" cannot patch resource "deployments" in API group "apps" in the namespace "a": RBAC: clusterrole.rbac.authorization.k8s.io "w" not found',
    }),
    'passing',
  ],
  ['forbidden', 'no permission', answer(403, { reason: 'Forbidden' }), 'final'],
  [
    'forbidden',
    'over quota',
    answer(403, {
      reason: 'Forbidden',
      message: 'deployments.apps "web" is forbidden: exceeded quota: q, requested: count=1',
    }),
    'final',
  ],
  [
    'forbidden',
    'a namespace on its way out',
    answer(403, {
      reason: 'Forbidden',
      message:
        'deployments.apps "web" is forbidden: unable to create new content in namespace a because it is being terminated',
    }),
    'final',
  ],
  [
    'object-not-found',
    'no such object',
    answer(404, { reason: 'NotFound', ...about('deployments') }),
    'not-found',
  ],
  [
    'something-else-not-found',
    'no such namespace',
    answer(404, { reason: 'NotFound', ...about('namespaces', 'a') }),
    'final',
  ],
  ['path-not-found', 'no such resource', page(404, '404 page not found\n'), 'passing'],
  ['path-not-found', "a proxy's page", page(404), 'passing'],
  [
    'already-exists',
    'a POST of what is there',
    answer(409, { reason: 'AlreadyExists', ...about('deployments') }),
    'already-exists',
  ],
  [
    'conflict-about-something-else',
    'a race for one quota',
    answer(409, { reason: 'Conflict', ...about('resourcequotas', 'q') }),
    'passing',
  ],
  [
    'conflict',
    'a stale version',
    answer(409, { reason: 'Conflict', ...about('deployments') }),
    'conflict',
  ],
  [
    'conflict',
    'a precondition, which names the kind instead of the resource',
    answer(409, { reason: 'Conflict', ...about('Deployment') }),
    'conflict',
  ],
  [
    'conflict',
    'fields of another manager, which names nothing',
    answer(409, { reason: 'Conflict', details: { causes: [{ reason: 'FieldManagerConflict' }] } }),
    'conflict',
  ],
  ['gone', 'an expired continue token', answer(410, { reason: 'Expired' }), 'gone'],
  ['gone', 'a compacted version', answer(410, { reason: 'Gone' }), 'gone'],
  ['request-timeout', '408', page(408), 'passing'],
  ['too-early', '425', page(425), 'passing'],
  ['too-many-requests', '429', answer(429, { reason: 'TooManyRequests' }), 'passing'],
  [
    'too-large-for-etcd',
    "etcd's limit on a request",
    answer(500, { message: 'etcdserver: request is too large' }),
    'final',
  ],
  [
    'too-large-for-etcd',
    "gRPC's limit on a message",
    answer(500, {
      message:
        'rpc error: code = ResourceExhausted desc = trying to send message larger than max (3000000 vs. 2097152)',
    }),
    'final',
  ],
  [
    'unknown-field-in-apply',
    'a field that the schema lacks',
    answer(500, {
      message:
        'failed to create typed patch object (a/web; apps/v1, Kind=Deployment): .nope: field not declared in schema',
    }),
    'final',
  ],
  [
    'webhook-failed',
    "somebody's webhook is down",
    answer(500, {
      reason: 'InternalError',
      message: 'Internal error occurred: failed calling webhook "w.example": connection refused',
    }),
    'passing',
  ],
  ['server-error', '500', answer(500, { reason: 'InternalError' }), 'passing'],
  ['server-error', 'no leader', answer(500, { message: 'etcdserver: leader changed' }), 'passing'],
  [
    'server-error',
    'a slow etcd',
    answer(500, { message: 'etcdserver: request timed out' }),
    'passing',
  ],
  ['server-error', '502', page(502), 'passing'],
  ['server-error', '503', answer(503, { reason: 'ServiceUnavailable' }), 'passing'],
  ['server-error', '504', answer(504, { reason: 'Timeout' }), 'passing'],
  ...[400, 405, 406, 413, 415, 422].map(
    (code) => ['refused', String(code), answer(code), 'final'] as const,
  ),
  ['not-kubernetes', 'a redirect to a login', page(302), 'passing'],
];

describe('the error table', () => {
  it.each(cases)('%s: %s', (name, _case, error, kind) => {
    expect(rowOf(error).name).toBe(name);
    expect(classifyKubeError(error)).toBe(kind);
  });

  it('has a case for every row, and no two rows of one name', () => {
    const names = errorTable.map((row) => row.name);
    expect(new Set(cases.map(([name]) => name))).toEqual(new Set(names));
    expect(new Set(names).size).toBe(names.length);
  });

  it('ends in a row that fits everything', () => {
    const { name: _name, kind: _kind, because: _because, ...conditions } = errorTable.at(-1) ?? {};
    expect(conditions).toEqual({});
  });

  it('throws on what is no failure of a call', () => {
    const bug = new TypeError('undefined is not a function');
    expect(() => classifyKubeError(bug)).toThrow(bug);
  });

  it("keeps Kubernetes' own message, causes and Retry-After", () => {
    const body = JSON.stringify({
      kind: 'Status',
      code: 422,
      reason: 'Invalid',
      message: 'Deployment.apps "web" is invalid: spec.replicas',
      details: {
        name: 'web',
        kind: 'Deployment',
        causes: [{ field: 'spec.replicas', reason: 'FieldValueInvalid', message: 'must be >= 0' }],
      },
    });
    const error = errorFromAnswer(subject, 422, { 'retry-after': '3' }, body);
    expect(error).toMatchObject({
      status: 422,
      reason: 'Invalid',
      message: 'Deployment.apps "web" is invalid: spec.replicas',
      causes: [{ field: 'spec.replicas', reason: 'FieldValueInvalid', message: 'must be >= 0' }],
      retryAfterMs: 3_000,
      about: 'object',
      operation: 'apply deployments a/web',
    });
  });

  it('bounds what it keeps', () => {
    expect(page(500, 'x'.repeat(100_000)).message.length).toBe(2_048);
    const causes = Array.from({ length: 1_000 }, () => ({ message: 'bad' }));
    expect(answer(422, { details: { causes } }).causes.length).toBe(32);
  });

  it.each([
    ['Retry-After in the Status', answer(429, { details: { retryAfterSeconds: 2 } }), 2_000],
    ['none', answer(429), null],
    [
      'a date, which Kubernetes never sends',
      errorFromAnswer(subject, 429, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, ''),
      null,
    ],
  ])('reads %s', (_case, error, retryAfterMs) => {
    expect(error.retryAfterMs).toBe(retryAfterMs);
  });
});
