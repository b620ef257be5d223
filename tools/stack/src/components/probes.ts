/** Asks a component whether it's ready. A probe gives null, or why it isn't; it never rejects. */
import { request } from 'node:https';
import { connect } from 'node:net';
import { loopbackHost } from '../ports/probe.ts';
import { errorCode } from '../system-errors.ts';

/** A ready component on loopback answers in milliseconds; a paused one never does. */
const probeDeadlineMs = 2_000;
/** Of an answer's body, what fits on a line of `make status`. */
const bodyShownMax = 160;

/** Ready when the URL answers 200. */
export async function probeHttp(url: string, signal: AbortSignal): Promise<string | null> {
  try {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(probeDeadlineMs)]);
    const response = await fetch(url, { signal: deadline, headers: { connection: 'close' } });
    const body = await response.text();
    if (response.status === 200) return null;
    const shown = body.replaceAll(/\s+/g, ' ').slice(0, bodyShownMax);
    return `${new URL(url).pathname} answers ${response.status} ${shown}`.trimEnd();
  } catch (error) {
    return `${new URL(url).pathname} ${describe(error)}`;
  }
}

/**
 * Ready when the API server answers. It is asked without a login, and says 401 where it wants one:
 * its launcher has waited for /readyz, this shows that it's still there and not paused.
 */
export function probeApiServer(port: number, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const asking = request(
      {
        host: loopbackHost,
        port,
        path: '/readyz',
        agent: false,
        signal: AbortSignal.any([signal, AbortSignal.timeout(probeDeadlineMs)]),
        // Only whether it answers is asked; nothing is sent that somebody else must not see.
        rejectUnauthorized: false,
      },
      (response) => {
        const { statusCode = 0 } = response;
        response.resume();
        resolve(statusCode === 200 || statusCode === 401 ? null : `/readyz answers ${statusCode}`);
      },
    );
    asking.once('error', (error) => resolve(`/readyz ${describe(error)}`));
    asking.end();
  });
}

/**
 * Ready when the server answers an SSLRequest (PostgreSQL's protocol, "SSL Session Encryption"):
 * then it accepts connections and starts a process for each.
 */
export function probePostgres(port: number, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: loopbackHost, port });
    const finish = (reason: string | null) => {
      signal.removeEventListener('abort', stop);
      socket.destroy();
      resolve(reason);
    };
    const stop = () => finish('was not asked to the end');
    signal.addEventListener('abort', stop, { once: true });
    socket.setTimeout(probeDeadlineMs, () => finish('gives no answer'));
    socket.once('error', (error) => finish(describe(error)));
    socket.once('end', () => finish('closed the connection'));
    socket.once('connect', () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])));
    socket.once('data', (answer) => {
      const known = answer[0] === 'S'.charCodeAt(0) || answer[0] === 'N'.charCodeAt(0);
      finish(known ? null : 'answers something else than PostgreSQL');
    });
  });
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'fails';
  if (error.name === 'TimeoutError') return 'gives no answer';
  // fetch puts the connection's error behind its own.
  const code = errorCode(error.cause) ?? errorCode(error);
  return code === 'ECONNREFUSED' ? 'refuses connections' : `fails: ${code ?? error.message}`;
}
