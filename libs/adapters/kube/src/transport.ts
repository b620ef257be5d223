/**
 * Calls with everything around an exchange: credentials, trace context, span, metrics, and answers
 * turned into values or KubeErrors.
 */
import { currentTraceparent, type Span, withSpan } from '@windlass/telemetry';
import type { Access, Credentials } from './credentials.ts';
import {
  type ExchangeLimits,
  exchange,
  type HttpAnswer,
  type HttpRequest,
  limitTime,
} from './http-exchange.ts';
import {
  type CallSubject,
  errorFromAnswer,
  errorWithoutAnswer,
  KubeError,
  NoAnswer,
} from './kube-error.ts';
import type { KubeMetrics } from './kube-metrics.ts';

export type Transport = {
  /** Gives the answer of a success (2xx); throws a KubeError for all else. */
  readonly call: (request: HttpRequest, limits: ExchangeLimits) => Promise<HttpAnswer>;
  /** Credentials for a stream that the caller runs itself, within the limits. */
  readonly access: (
    subject: CallSubject,
    limits: Pick<ExchangeLimits, 'deadlineMs' | 'signal'>,
  ) => Promise<Access>;
  /** To be told of a 401 in such a stream. */
  readonly refused: () => void;
};

export function createTransport(credentials: Credentials, metrics: KubeMetrics): Transport {
  const access: Transport['access'] = async (subject, limits) => {
    const found = credentials.access();
    if (!(found instanceof Promise)) return found;
    return waitForAccess(found, subject, limits);
  };
  const attempt = async (request: HttpRequest, limits: ExchangeLimits) => {
    const startMs = performance.now();
    const found = credentials.access();
    const ready =
      found instanceof Promise ? await waitForAccess(found, request.subject, limits) : found;
    const deadlineMs = Math.max(1, limits.deadlineMs - (performance.now() - startMs));
    const answer = await exchange(ready, withTraceparent(request), { ...limits, deadlineMs });
    if (answer.status >= 200 && answer.status < 300) return answer;
    if (answer.status === 401) credentials.refused();
    throw errorFromAnswer(request.subject, answer.status, answer.headers, answer.body);
  };
  const call = async (request: HttpRequest, limits: ExchangeLimits, span: Span) => {
    const { verb, resource } = request.subject;
    const startMs = performance.now();
    let code = 'bug';
    try {
      const answer = await attempt(request, limits);
      code = String(answer.status);
      return answer;
    } catch (error) {
      if (error instanceof KubeError) code = codeLabel(error);
      throw error;
    } finally {
      span.setAttribute('http.response.status_code', code);
      metrics.request(verb, resource, code, (performance.now() - startMs) / 1_000);
    }
  };
  return {
    access,
    refused: credentials.refused,
    call: (request, limits) =>
      withSpan(
        `kubernetes ${request.subject.verb} ${request.subject.resource}`,
        {
          'http.request.method': request.method,
          'k8s.resource': request.subject.resource,
          'k8s.object': request.subject.target,
        },
        (span) => call(request, limits, span),
        'client',
      ),
  };
}

/** Label of an error in metrics: few values, so never the error's text. */
export function codeLabel(error: KubeError): string {
  return error.status === 0 ? error.reason : String(error.status);
}

/** Parses an answer that must be of a shape; anything else was cut or replaced on the way. */
export function parseAnswer<Value extends object>(
  subject: CallSubject,
  body: string,
  isExpected: (parsed: object) => parsed is Value,
): Value {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw errorWithoutAnswer(subject, NoAnswer.MalformedAnswer, 'the answer is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || !isExpected(parsed)) {
    throw errorWithoutAnswer(subject, NoAnswer.MalformedAnswer, 'the answer has another shape');
  }
  return parsed;
}

export function withTraceparent(request: HttpRequest): HttpRequest {
  const traceparent = currentTraceparent();
  if (traceparent === null) return request;
  return { ...request, headers: { ...request.headers, traceparent } };
}

/** Waits for credentials no longer than the call may take. */
async function waitForAccess(
  pending: Promise<Access>,
  subject: CallSubject,
  limits: Pick<ExchangeLimits, 'deadlineMs' | 'signal'>,
): Promise<Access> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const release = limitTime(subject, limits, reject);
  try {
    return await Promise.race([pending, ended]);
  } catch (error) {
    if (error instanceof KubeError) throw error;
    throw errorWithoutAnswer(subject, NoAnswer.CredentialsFailed, 'no credentials', error);
  } finally {
    release();
  }
}
