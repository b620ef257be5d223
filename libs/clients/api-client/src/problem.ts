/** What a call can end with instead of an answer. */

/** One field that is at fault. */
export type ProblemField = {
  readonly field: string;
  readonly message: string;
  /** The bound that was passed, where there is one. */
  readonly limit?: number | string;
};

/** `code` where what answered was no problem document: a proxy in between, or no API at all. */
export const UNEXPECTED_ANSWER = 'unexpected-answer';

/** As much of a foreign answer as helps to see where it came from. */
const FOREIGN_DETAIL_CHARS_MAX = 200;

/** The API said no: its problem document (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** HTTP status. */
  readonly status: number;
  /** Which problem, such as `identifier-taken`; what a program decides by. */
  readonly code: string;
  /** The kind of problem, for people. */
  readonly title: string;
  /** What happened this time, for people. */
  readonly detail: string;
  /** Every field that is at fault; often empty. */
  readonly errors: readonly ProblemField[];
  /** Retry-After: when the same call may do better. Null: the API didn't say. */
  readonly retryAfterMs: number | null;

  constructor(problem: {
    readonly status: number;
    readonly code: string;
    readonly title: string;
    readonly detail: string;
    readonly errors: readonly ProblemField[];
    readonly retryAfterMs: number | null;
  }) {
    const fields = problem.errors.map(({ field, message }) => `${field} ${message}`).join('; ');
    const more = fields === '' ? '' : ` (${fields})`;
    super(`${problem.status} ${problem.code}: ${problem.detail}${more}`);
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.errors = problem.errors;
    this.retryAfterMs = problem.retryAfterMs;
  }
}

export const UnreachableReason = { Network: 'network', Deadline: 'deadline' } as const;
export type UnreachableReason = (typeof UnreachableReason)[keyof typeof UnreachableReason];

/** No answer: the network failed more often than is tried, or the deadline was over. */
export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable';
  readonly reason: UnreachableReason;
  /** How often the call was sent. */
  readonly tries: number;

  constructor(reason: UnreachableReason, tries: number, cause: unknown) {
    const because = reason === UnreachableReason.Deadline ? ' within the deadline' : '';
    super(`the API did not answer${because}, tried ${tries} times`, { cause });
    this.reason = reason;
    this.tries = tries;
  }
}

/** Reads an answer that isn't a success. @param nowMs wall clock, for a Retry-After that is a date */
export async function problemOf(response: Response, nowMs: number): Promise<ApiProblem> {
  const text = await response.text();
  const retryAfterMs = retryAfterMsOf(response.headers, nowMs);
  const body = parseObject(text);
  const code = body === null ? undefined : Reflect.get(body, 'code');
  if (body === null || typeof code !== 'string') {
    return new ApiProblem({
      status: response.status,
      code: UNEXPECTED_ANSWER,
      title: response.statusText,
      detail: text.slice(0, FOREIGN_DETAIL_CHARS_MAX),
      errors: [],
      retryAfterMs,
    });
  }
  const errors: unknown = Reflect.get(body, 'errors');
  return new ApiProblem({
    status: response.status,
    code,
    title: String(Reflect.get(body, 'title')),
    detail: String(Reflect.get(body, 'detail')),
    errors: Array.isArray(errors) ? errors : [],
    retryAfterMs,
  });
}

/** Retry-After (RFC 9110, section 10.2.3), seconds or a date, as milliseconds from now. */
export function retryAfterMsOf(headers: Headers, nowMs: number): number | null {
  const value = headers.get('retry-after');
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}

function parseObject(text: string): object | null {
  if (!text.startsWith('{')) return null;
  try {
    return JSON.parse(text);
  } catch {
    // Cut off, or not JSON at all: it is shown as text.
    return null;
  }
}
