/**
 * What each failure of a call means for its caller: the one place where Kubernetes' errors are
 * sorted. The table is read from the top; the first row that fits decides. A test goes through
 * every row, with the answers of a real API server where one can be made to give them.
 */
import { KubeError, NoAnswer } from './kube-error.ts';

export const KubeErrorKind = {
  /** The object isn't there. */
  NotFound: 'not-found',
  /** An object of that name is there already. */
  AlreadyExists: 'already-exists',
  /** It changed since it was read; or another manager owns a field, and the apply isn't forced. */
  Conflict: 'conflict',
  /** The resource version or continue token is too old: list again. */
  Gone: 'gone',
  /** The same call will fail again: give up, with Kubernetes' own message. */
  Final: 'final',
  /** Time, a retry or an operator heals it. */
  Passing: 'passing',
} as const;
export type KubeErrorKind = (typeof KubeErrorKind)[keyof typeof KubeErrorKind];

export type ErrorRow = {
  /** Names the row in the tests. */
  readonly name: string;
  readonly status?: number | { readonly from: number; readonly to: number };
  readonly reason?: string;
  readonly message?: RegExp;
  /** Whether the answer names the kind of object that was asked for, or another one. */
  readonly about?: 'object' | 'other';
  readonly kind: KubeErrorKind;
  readonly because: string;
};

export const errorTable: readonly ErrorRow[] = [
  {
    name: 'aborted',
    status: 0,
    reason: NoAnswer.Aborted,
    kind: 'passing',
    because: 'we are stopping; the work is done again by whoever comes next',
  },
  {
    name: 'answer-too-large',
    status: 0,
    reason: NoAnswer.AnswerTooLarge,
    kind: 'final',
    because: 'asking again gives the same answer',
  },
  {
    name: 'no-answer',
    status: 0,
    kind: 'passing',
    because:
      'refused, cut (in the TLS handshake too), timed out, malformed, or no credentials: nothing was decided',
  },
  {
    name: 'unauthenticated',
    status: 401,
    kind: 'passing',
    because:
      'our own credentials expired or rotate (they are loaded again); the request itself was never looked at, so it must not fail for it',
  },
  {
    name: 'admission-warming-up',
    status: 403,
    message: /not yet ready to handle request/,
    kind: 'passing',
    because: "a starting API server's admission plugins answer 403 until their caches are filled",
  },
  {
    name: 'quota-warming-up',
    status: 403,
    message: /status unknown for quota/,
    kind: 'passing',
    because: 'a quota that was just made has no status yet',
  },
  {
    name: 'rbac-warming-up',
    status: 403,
    message: /RBAC: .*not found/,
    kind: 'passing',
    because: 'a binding was seen before its role: a starting API server, or roles being applied',
  },
  {
    name: 'forbidden',
    status: 403,
    kind: 'final',
    because: 'not allowed, over quota, refused by admission, or the namespace is being deleted',
  },
  {
    name: 'object-not-found',
    status: 404,
    reason: 'NotFound',
    about: 'object',
    kind: 'not-found',
    because: 'Kubernetes names the very object as absent',
  },
  {
    name: 'something-else-not-found',
    status: 404,
    reason: 'NotFound',
    about: 'other',
    kind: 'final',
    because: 'what it belongs to is missing: the namespace, mostly',
  },
  {
    name: 'path-not-found',
    status: 404,
    kind: 'passing',
    because:
      "no such path: a custom resource not installed yet, or a proxy's page. Never taken for an absent object",
  },
  {
    name: 'already-exists',
    status: 409,
    reason: 'AlreadyExists',
    kind: 'already-exists',
    because: 'a POST met an object of that name (which may be on its way out)',
  },
  {
    name: 'conflict-about-something-else',
    status: 409,
    about: 'other',
    kind: 'passing',
    because: 'two creations raced for one quota, or the like; the object itself has no conflict',
  },
  {
    name: 'conflict',
    status: 409,
    kind: 'conflict',
    because: 'read again and decide again',
  },
  {
    name: 'gone',
    status: 410,
    kind: 'gone',
    because: 'the resource version or continue token was compacted away',
  },
  {
    name: 'request-timeout',
    status: 408,
    kind: 'passing',
    because: 'the server gave up on reading the request',
  },
  {
    name: 'too-early',
    status: 425,
    kind: 'passing',
    because: 'a proxy wants the request again after the TLS handshake',
  },
  {
    name: 'too-many-requests',
    status: 429,
    kind: 'passing',
    because: 'priority and fairness, or a budget; Retry-After says when',
  },
  {
    name: 'too-large-for-etcd',
    status: 500,
    message: /request is too large|message larger than max/,
    kind: 'final',
    because: 'etcd takes no object of that size, now or later',
  },
  {
    name: 'unknown-field-in-apply',
    status: 500,
    message: /field not declared in schema/,
    kind: 'final',
    because: 'server-side apply answers 500 to a field at the top that the schema lacks',
  },
  {
    name: 'webhook-failed',
    status: 500,
    message: /failed calling webhook/,
    kind: 'passing',
    because: "somebody's admission webhook is down",
  },
  {
    name: 'server-error',
    status: { from: 500, to: 599 },
    kind: 'passing',
    because: 'etcd without a leader, an overloaded or stopping server, a proxy without one',
  },
  {
    name: 'refused',
    status: { from: 400, to: 499 },
    kind: 'final',
    because: '400, 405, 406, 413, 415, 422 and their like: the request is wrong and stays wrong',
  },
  {
    name: 'not-kubernetes',
    kind: 'passing',
    because:
      "redirects and the like come from something in between, which isn't the request's fault",
  },
];

/**
 * Sorts a failure of a call. Anything that isn't a KubeError is a bug of ours and is thrown on.
 */
export function classifyKubeError(error: unknown): KubeErrorKind {
  return rowOf(error).kind;
}

/** The row that decides, for logs and tests. */
export function rowOf(error: unknown): ErrorRow {
  if (!(error instanceof KubeError)) throw error;
  const row = errorTable.find((candidate) => fits(candidate, error));
  if (row === undefined) throw new Error('the last row of the error table fits everything');
  return row;
}

function fits(row: ErrorRow, error: KubeError): boolean {
  if (typeof row.status === 'number' && error.status !== row.status) return false;
  if (typeof row.status === 'object') {
    if (error.status < row.status.from || error.status > row.status.to) return false;
  }
  if (row.reason !== undefined && error.reason !== row.reason) return false;
  if (row.message !== undefined && !row.message.test(error.message)) return false;
  if (row.about !== undefined && error.about !== row.about) return false;
  return true;
}
