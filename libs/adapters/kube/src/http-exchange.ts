/**
 * One HTTP exchange with the API server: a request, and its whole answer or its stream. No typed
 * client in between, because that costs three times the rate and ten times the CPU (measured).
 */
import http from 'node:http';
import https from 'node:https';
import type { Access } from './credentials.ts';
import { closeIdleSockets } from './credentials.ts';
import { type CallSubject, errorWithoutAnswer, KubeError, NoAnswer } from './kube-error.ts';

export type HttpRequest = {
  readonly subject: CallSubject;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query below the API server's root. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
};

export type ExchangeLimits = {
  /** From now until the last byte of the answer. */
  readonly deadlineMs: number;
  readonly answerBytesMax: number;
  readonly signal: AbortSignal | null;
};

/**
 * Sends a request and reads its answer, whatever its status.
 *
 * @throws {KubeError} of status 0 where there is no whole answer
 */
export async function exchange(
  access: Access,
  request: HttpRequest,
  limits: ExchangeLimits,
): Promise<HttpAnswer> {
  if (limits.signal?.aborted) {
    throw errorWithoutAnswer(request.subject, NoAnswer.Aborted, 'aborted', limits.signal.reason);
  }
  const endAtMs = performance.now() + limits.deadlineMs;
  try {
    return await exchangeOnce(access, request, limits);
  } catch (error) {
    // The server closed the idle socket while the request was on its way to it. Only a GET is known
    // to be harmless twice. The second try gets a new socket, so there is no third.
    if (!(error instanceof StaleSocketError)) throw error;
    if (request.method !== 'GET') throw error.failure;
    closeIdleSockets(access.pools.calls);
    const deadlineMs = Math.max(1, endAtMs - performance.now());
    try {
      return await exchangeOnce(access, request, { ...limits, deadlineMs });
    } catch (second) {
      throw second instanceof StaleSocketError ? second.failure : second;
    }
  }
}

/** A kept socket was reset before a byte of the answer came. */
class StaleSocketError extends Error {
  readonly failure: Error;
  constructor(failure: Error) {
    super('stale socket', { cause: failure });
    this.failure = failure;
  }
}

function exchangeOnce(
  access: Access,
  request: HttpRequest,
  limits: ExchangeLimits,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = openRequest(access, access.pools.calls, request);
    const fail = (error: Error) => {
      release();
      reject(error);
      outgoing.destroy();
    };
    const release = limitTime(request.subject, limits, (error) => {
      fail(error);
      // The connection may be dead without a word, and its idle siblings with it.
      if (error.reason === NoAnswer.DeadlineExceeded) closeIdleSockets(access.pools.calls);
    });
    let answered = false;
    outgoing.on('error', (error) => {
      const failure = asKubeError(request.subject, error);
      const stale = !answered && outgoing.reusedSocket && isCutConnection(error);
      fail(stale ? new StaleSocketError(failure) : failure);
    });
    outgoing.on('response', (incoming) => {
      answered = true;
      readAnswer(incoming, request.subject, limits.answerBytesMax, (error, body) => {
        if (error !== null) {
          fail(error);
          return;
        }
        release();
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
      });
    });
    outgoing.end(request.body ?? undefined);
  });
}

/** Opens a request on a pool; the caller ends it and listens for its response and error. */
export function openRequest(
  access: Access,
  agent: http.Agent,
  request: HttpRequest,
): http.ClientRequest {
  const send = access.secure ? https.request : http.request;
  // Said in so many words: Node sends the body of a DELETE without a length, and the server then
  // takes it for the next request.
  const length: Record<string, number> =
    request.body === null ? {} : { 'Content-Length': Buffer.byteLength(request.body) };
  return send({
    agent,
    host: access.host,
    port: access.port,
    method: request.method,
    path: access.basePath + request.path,
    headers: { ...request.headers, ...length, ...access.headers },
  });
}

/**
 * Tells when a call has to end: at its deadline or by the caller's signal.
 *
 * @returns stops the clock; to be called once the outcome is known
 */
export function limitTime(
  subject: CallSubject,
  limits: Pick<ExchangeLimits, 'deadlineMs' | 'signal'>,
  onEnd: (error: KubeError) => void,
): () => void {
  const { signal, deadlineMs } = limits;
  const timer = setTimeout(() => {
    const message = `no answer within ${deadlineMs} ms`;
    onEnd(errorWithoutAnswer(subject, NoAnswer.DeadlineExceeded, message));
  }, deadlineMs);
  const onAbort = () =>
    onEnd(errorWithoutAnswer(subject, NoAnswer.Aborted, 'aborted', signal?.reason));
  signal?.addEventListener('abort', onAbort, { once: true });
  // Later, so that the caller has what this returns.
  if (signal?.aborted) queueMicrotask(onAbort);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  };
}

/** Reads all of an answer, up to a bound. Calls back exactly once. */
export function readAnswer(
  incoming: http.IncomingMessage,
  subject: CallSubject,
  bytesMax: number,
  callBack: (error: Error | null, body: string) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let done = false;
  const finish = (error: Error | null, body: string) => {
    if (done) return;
    done = true;
    callBack(error, body);
  };
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      const message = `the answer is longer than ${bytesMax} bytes`;
      finish(errorWithoutAnswer(subject, NoAnswer.AnswerTooLarge, message), '');
      return;
    }
    chunks.push(chunk);
  });
  incoming.on('end', () => {
    const whole = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    finish(null, whole.toString('utf8'));
  });
  incoming.on('error', (error) => finish(asKubeError(subject, error), ''));
  incoming.on('close', () => {
    const message = 'the connection ended inside the answer';
    finish(errorWithoutAnswer(subject, NoAnswer.ConnectionFailed, message), '');
  });
}

/** Errors of sockets, TLS and HTTP parsing become ours; ours stay what they are. */
export function asKubeError(subject: CallSubject, error: Error): KubeError {
  if (error instanceof KubeError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const reason = code.startsWith('HPE_') ? NoAnswer.MalformedAnswer : NoAnswer.ConnectionFailed;
  return errorWithoutAnswer(subject, reason, error.message, error);
}

function isCutConnection(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
