/** A server that answers as a test says, in turn, and keeps what it was asked. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Asked = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type Answer = (response: ServerResponse, asked: Asked) => void;

export type LocalApi = AsyncDisposable & {
  readonly baseUrl: string;
  readonly asked: readonly Asked[];
};

/** The last of the answers is given to all further calls. */
export async function startLocalApi(...answers: readonly [Answer, ...Answer[]]): Promise<LocalApi> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const call = { method, url, headers, body };
      asked.push(call);
      answers[Math.min(asked.length, answers.length) - 1]?.(response, call);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

export function problem(
  status: number,
  code: string,
  headers: Record<string, string> = {},
): Answer {
  const body = {
    type: `x/${code}`,
    title: 'T',
    status,
    detail: 'D',
    instance: '/',
    code,
    errors: [],
  };
  return json(status, body, { 'content-type': 'application/problem+json', ...headers });
}

/** Hangs up without an answer. */
export const hangUp: Answer = (response) => response.destroy();

/** Never answers. */
export const hang: Answer = () => undefined;

/** Sends frames of an event stream and keeps it open; with `end`, hangs up after them. */
export function eventStream(frames: readonly string[], { end = false } = {}): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write(frames.join(''), () => {
      if (end) response.destroy();
    });
  };
}

export function activityFrame(id: string, type = 'request.succeeded'): string {
  const data = { type, identifier: 'web', requestId: 'r', at: '2026-01-01T00:00:00Z', data: {} };
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
