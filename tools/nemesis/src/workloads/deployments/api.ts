/** Calls of the platform's REST API that are repeated under the same id until they are answered. */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffDelayMs, systemRandom } from '@windlass/base';

export type Answer = { readonly status: number; readonly body: unknown; readonly tries: number };

export type Call = {
  readonly userId: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** The X-Request-ID; null for reads. */
  readonly key: string | null;
  readonly body: unknown;
};

/** A frozen server never answers; a healthy one under load does within this. */
const tryDeadlineMs = 5_000;
const pause = { initialMs: 200, maxMs: 3_000 };
/** Worth another try: the API says so itself, or what stands behind it is away. */
const passingStatuses: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

export type Api = {
  /** One try. Rejects where nobody answers. */
  readonly once: (call: Call, signal: AbortSignal) => Promise<Answer>;
  /** Null: no decisive answer before the signal aborted. */
  readonly untilAnswered: (call: Call, signal: AbortSignal) => Promise<Answer | null>;
};

export function createApi(baseUrl: string): Api {
  const once = async (call: Call, signal: AbortSignal): Promise<Answer> => {
    const response = await fetch(`${baseUrl}/api/v1${call.path}`, {
      method: call.method,
      headers: {
        'x-user-id': call.userId,
        ...(call.key === null ? {} : { 'x-request-id': call.key }),
        ...(call.body === null ? {} : { 'content-type': 'application/json' }),
      },
      body: call.body === null ? null : JSON.stringify(call.body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(tryDeadlineMs)]),
    });
    const text = await response.text();
    const body: unknown = text.startsWith('{') ? JSON.parse(text) : text;
    return { status: response.status, body, tries: 1 };
  };
  return {
    once,
    untilAnswered: async (call, signal) => {
      // Every call under way waits on the one signal of its sender.
      setMaxListeners(0, signal);
      for (let tries = 1; !signal.aborted; tries += 1) {
        const answer = await once(call, signal).catch(() => null);
        if (answer !== null && !passingStatuses.has(answer.status)) return { ...answer, tries };
        const delayMs = backoffDelayMs(tries, pause, systemRandom);
        await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      }
      return null;
    },
  };
}

/** A member of an answer's body; undefined where there is none. */
export function member(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
}

/** Pages that a list may have: more means a cursor that goes round in a circle. */
const pagesMax = 1_000;

/** All items of a list. Rejects where a page can't be read. */
export async function listAll(
  api: Api,
  userId: string,
  path: string,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  let cursor = '';
  for (let page = 0; page < pagesMax; page += 1) {
    const query = `?limit=200${cursor}`;
    const call: Call = { userId, method: 'GET', path: `${path}${query}`, key: null, body: null };
    const answer = await api.once(call, signal);
    const pageItems = member(answer.body, 'items');
    if (answer.status !== 200 || !Array.isArray(pageItems)) {
      throw new Error(`GET ${path} answers ${answer.status}`);
    }
    items.push(...(pageItems as readonly unknown[]));
    const next = member(answer.body, 'nextCursor');
    if (typeof next !== 'string') return items;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
  throw new Error(`GET ${path} has more than ${pagesMax} pages`);
}
