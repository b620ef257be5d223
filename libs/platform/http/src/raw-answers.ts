/** Answers where no Fastify reply exists: to what Node's parser refuses, and before routing. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemMediaType, toProblem, WindlassError } from '@windlass/errors';
import type { HttpLimits } from './limits.ts';

/** Node's parser and timers name the trouble in `code`. */
type ConnectionError = Error & { readonly code?: string };

/** Which problem a refused connection's error is, or null where nobody is left to be told. */
export function connectionProblem(
  error: ConnectionError,
  limits: HttpLimits,
): WindlassError | null {
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return null;
    case 'HPE_HEADER_OVERFLOW': {
      const limit = limits.headersBytesMax;
      return new WindlassError('headers-too-large', `The headers have more than ${limit} bytes.`, {
        fields: [{ field: 'header', message: `must have at most ${limit} bytes`, limit }],
      });
    }
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new WindlassError('body-too-large', 'The chunks have too many extensions.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new WindlassError('request-timeout', 'The request did not arrive in time.');
    default:
      return new WindlassError('malformed-request', 'The request is not well-formed HTTP/1.1.');
  }
}

/** Answers on the bare connection, unless an answer is on its way already, and closes it. */
export function answerOnSocket(socket: Duplex, error: WindlassError | null): void {
  if (error === null || !socket.writable || hasBegunAnswer(socket)) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(toProblem(error, ''));
  const head = [
    `HTTP/1.1 ${error.status} ${reasonPhrase(error.status)}`,
    'Connection: close',
    `Content-Type: ${problemMediaType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Date: ${new Date().toUTCString()}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Answers with a problem where a response exists but no Fastify reply. */
export function answerOnResponse(
  request: IncomingMessage,
  response: ServerResponse,
  error: WindlassError,
): void {
  const body = JSON.stringify(toProblem(error, pathOf(request.url ?? '')));
  response.writeHead(error.status, {
    'Content-Type': problemMediaType,
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Answers to `CONNECT` and to expectations other than 100-continue, which Node hands out apart. */
export function answerOddRequests(server: Server): void {
  server.on('connect', (_request, socket) => {
    const detail = 'CONNECT is not allowed here.';
    answerOnSocket(socket, new WindlassError('method-not-allowed', detail));
  });
  server.on('checkExpectation', (request, response) => {
    const detail = 'Only the expectation 100-continue can be met.';
    answerOnResponse(request, response, new WindlassError('expectation-failed', detail));
  });
}

/** The path of a request's address, without its query and not too long: for `instance` and logs. */
export function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return (end === -1 ? url : url.slice(0, end)).slice(0, pathLengthMax);
}

/** Longer paths are shown only up to here. */
const pathLengthMax = 512;

/** True once a response's head has gone out: what is written then would be taken for its body. */
function hasBegunAnswer(socket: Duplex): boolean {
  const message: unknown = '_httpMessage' in socket ? socket._httpMessage : null;
  return (
    typeof message === 'object' &&
    message !== null &&
    'headersSent' in message &&
    message.headersSent === true
  );
}

const phrases: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
};

function reasonPhrase(status: number): string {
  return phrases[status] ?? 'Error';
}
