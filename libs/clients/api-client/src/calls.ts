/** The API's operations as typed calls: openapi-fetch over `send`, with problems thrown. */
import { newUuid } from '@windlass/base';
import createClient, { type Client, type Middleware } from 'openapi-fetch';
import type { components, paths } from './gen/openapi.ts';
import { ApiProblem, problemOf, UNEXPECTED_ANSWER } from './problem.ts';
import { keyHeaders, type Send } from './send.ts';

export type Schemas = components['schemas'];

/** All but the event stream: that has an iterator of its own. */
export type CallPaths = Omit<paths, '/api/v1/events'>;

export type Calls = Client<CallPaths>;

/** Operations under this path that change something take a request id. */
const KEYED_PATH = '/api/v1/deployments';
const NOT_MODIFIED = 304;

export function createCalls(options: {
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly send: Send;
  readonly nowMs: () => number;
}): Calls {
  const { baseUrl, headers, send, nowMs } = options;
  const calls = createClient<CallPaths>({ baseUrl, headers, fetch: send });
  const middleware: Middleware = {
    onRequest: ({ request, schemaPath }) => {
      if (request.method === 'GET' || !schemaPath.startsWith(KEYED_PATH)) return;
      if (keyHeaders.some((name) => request.headers.has(name))) return;
      request.headers.set('x-request-id', newUuid());
    },
    onResponse: async ({ response }) => {
      if (response.ok || response.status === NOT_MODIFIED) return;
      throw await problemOf(response, nowMs());
    },
  };
  calls.use(middleware);
  return calls;
}

/** What openapi-fetch gives for a call. */
export type Answered<Body> =
  | { readonly data: Body; readonly response: Response }
  | { readonly data?: never; readonly response: Response };

/**
 * The body of a call's answer: `await bodyOf(api.GET('/api/v1/ping'))`. For calls that have one: not
 * for a 204, nor with If-None-Match.
 *
 * @throws ApiProblem `unexpected-answer` where there is none
 */
export async function bodyOf<Body>(call: Promise<Answered<Body>>): Promise<Body> {
  const { data, response } = await call;
  if (data !== undefined) return data;
  throw new ApiProblem({
    status: response.status,
    code: UNEXPECTED_ANSWER,
    title: response.statusText,
    detail: 'The answer has no body.',
    errors: [],
    retryAfterMs: null,
  });
}
