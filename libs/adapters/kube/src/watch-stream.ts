/** One watch: a request whose answer is a line per event, until either side ends it. */
import type { IncomingMessage } from 'node:http';
import { type Access, closeIdleSockets } from './credentials.ts';
import { classifyKubeError } from './error-table.ts';
import { asKubeError, type HttpRequest, openRequest, readAnswer } from './http-exchange.ts';
import { errorFromAnswer, errorWithoutAnswer, KubeError, NoAnswer } from './kube-error.ts';
import { watchGraceMs, watchOpenMs } from './limits.ts';
import { type Transport, withTraceparent } from './transport.ts';
import { createLineSplitter, parseWatchLine, type WatchEvent } from './watch-lines.ts';

/** How a watch ended. `opened`: the API server had accepted it. */
export type WatchEnd = { readonly opened: boolean } & (
  | { readonly reason: 'expired' | 'gone' | 'stopped' }
  /** Nothing came for too long: dropped without a word. */
  | { readonly reason: 'silent'; readonly error: KubeError }
  | { readonly reason: 'failed' | 'malformed'; readonly error: KubeError }
);

export type WatchLimits = {
  /** What the request asks for. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
};

/** Longest refusal that is read. */
const refusalBytesMax = 64 * 1024;

/** Never throws for what the network or the API server does; its end says what happened. */
export async function runWatch(
  transport: Transport,
  request: HttpRequest,
  limits: WatchLimits,
  onEvent: (event: WatchEvent) => void,
): Promise<WatchEnd> {
  if (limits.signal.aborted) return { reason: 'stopped', opened: false };
  let access: Access;
  try {
    const { signal } = limits;
    access = await transport.access(request.subject, { deadlineMs: watchOpenMs, signal });
  } catch (error) {
    if (limits.signal.aborted) return { reason: 'stopped', opened: false };
    if (error instanceof KubeError) return { reason: 'failed', error, opened: false };
    throw error;
  }
  return streamEvents(access, request, limits, onEvent, transport.refused);
}

function streamEvents(
  access: Access,
  request: HttpRequest,
  limits: WatchLimits,
  onEvent: (event: WatchEvent) => void,
  onRefused: () => void,
): Promise<WatchEnd> {
  const { subject } = request;
  return new Promise((resolve) => {
    const outgoing = openRequest(access, access.pools.watches, withTraceparent(request));
    let opened = false;
    let ended = false;
    const end = (outcome: WatchEnd) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      limits.signal.removeEventListener('abort', onAbort);
      // After an end in good order the socket goes back to the pool; destroying it then would only
      // cost the next watch a handshake.
      if (outcome.reason !== 'expired') outgoing.destroy();
      resolve(outcome);
    };
    const endWith = (error: Error) => end(endFor(asKubeError(subject, error), opened));
    const onAbort = () => end({ reason: 'stopped', opened });
    const onSilence = () => {
      // Idle sockets went through the same network: the next call would wait for its deadline on one.
      closeIdleSockets(access.pools.watches);
      closeIdleSockets(access.pools.calls);
      const error = errorWithoutAnswer(subject, NoAnswer.DeadlineExceeded, 'the watch is silent');
      end({ reason: 'silent', error, opened });
    };
    let timer = setTimeout(onSilence, watchOpenMs);
    limits.signal.addEventListener('abort', onAbort, { once: true });
    outgoing.on('error', endWith);
    outgoing.on('response', (incoming) => {
      if (incoming.statusCode !== 200) {
        if (incoming.statusCode === 401) onRefused();
        readRefusal(incoming, request, endWith);
        return;
      }
      opened = true;
      clearTimeout(timer);
      timer = setTimeout(onSilence, limits.timeoutSeconds * 1_000 + watchGraceMs);
      readEvents(incoming, request, () => ended, onEvent, end);
    });
    outgoing.end();
  });
}

/** Hands over the events of an accepted watch until it ends. */
function readEvents(
  incoming: IncomingMessage,
  request: HttpRequest,
  isEnded: () => boolean,
  onEvent: (event: WatchEvent) => void,
  end: (outcome: WatchEnd) => void,
): void {
  const { subject } = request;
  const split = createLineSplitter();
  const endMalformed = (message: string) => {
    const error = errorWithoutAnswer(subject, NoAnswer.MalformedAnswer, message);
    end({ reason: 'malformed', error, opened: true });
  };
  incoming.on('data', (chunk: Buffer) => {
    const lines = split(chunk);
    if (!lines.ok) {
      endMalformed(lines.error.message);
      return;
    }
    for (const line of lines.value) {
      if (isEnded()) return;
      const event = parseWatchLine(subject, line);
      if (!event.ok) {
        endMalformed(event.error.message);
        return;
      }
      if (event.value?.type === 'error') {
        end(endFor(event.value.error, true));
        return;
      }
      if (event.value !== null) onEvent(event.value);
    }
  });
  incoming.on('end', () => end({ reason: 'expired', opened: true }));
  incoming.on('error', (error) => end(endFor(asKubeError(subject, error), true)));
  incoming.on('close', () => {
    const message = 'the connection ended inside the watch';
    end(endFor(errorWithoutAnswer(subject, NoAnswer.ConnectionFailed, message), true));
  });
}

function readRefusal(
  incoming: IncomingMessage,
  request: HttpRequest,
  endWith: (error: Error) => void,
): void {
  const { subject } = request;
  readAnswer(incoming, subject, refusalBytesMax, (error, body) => {
    const status = incoming.statusCode ?? 0;
    endWith(error ?? errorFromAnswer(subject, status, incoming.headers, body));
  });
}

function endFor(error: KubeError, opened: boolean): WatchEnd {
  if (classifyKubeError(error) === 'gone') return { reason: 'gone', opened };
  return { reason: 'failed', error, opened };
}
