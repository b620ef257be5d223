/** A reader of server-sent events, for tests. */
import { get, type IncomingMessage } from 'node:http';

export type SseEvent = {
  readonly id: string | null;
  readonly event: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into any event
  readonly data: any;
};

export type SseClient = {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly events: readonly SseEvent[];
  /** Comments that came, such as heartbeats. */
  readonly comments: () => number;
  /** Resolves when the server ends the stream or it breaks. */
  readonly ended: Promise<void>;
  readonly close: () => void;
};

export async function openSse(
  url: string,
  user: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<SseClient> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = get(url, { headers: { 'x-user-id': user, ...headers } }, resolve);
  request.on('error', reject);
  const response = await promise;
  const events: SseEvent[] = [];
  let comments = 0;
  let rest = '';
  response.setEncoding('utf8');
  response.on('data', (text: string) => {
    const blocks = `${rest}${text}`.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) comments += 1;
      else events.push(parse(block));
    }
  });
  const ended = Promise.withResolvers<void>();
  response.on('close', ended.resolve);
  response.on('error', () => ended.resolve());
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    events,
    comments: () => comments,
    ended: ended.promise,
    close: () => response.destroy(),
  };
}

function parse(block: string): SseEvent {
  const fields = new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    }),
  );
  return {
    id: fields.get('id') ?? null,
    event: fields.get('event') ?? 'message',
    data: JSON.parse(fields.get('data') ?? 'null'),
  };
}
