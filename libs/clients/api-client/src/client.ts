/** The client: typed calls, and what is built of several. Start of reading: `createApiClient`. */
import { type Calls, createCalls, type Schemas } from './calls.ts';
import { type CreatedRequest, type CreateRequestOptions, createRequest } from './create-request.ts';
import { type ApiEvent, type EventsOptions, streamEvents } from './events.ts';
import { type ListArguments, type ListItem, type ListPath, listItems } from './list.ts';
import { createSend } from './send.ts';
import { systemSurroundings } from './surroundings.ts';
import {
  type WaitedRequest,
  type WaitForRequestOptions,
  waitForRequest,
} from './wait-for-request.ts';

/** Answers take milliseconds; this leaves room for a restart of the API. */
const DEADLINE_MS_DEFAULT = 30_000;

export type ApiClientOptions = {
  /** Where the API is, such as `http://127.0.0.1:8000`. */
  readonly baseUrl: string;
  /** X-User-ID, for an API in header mode. */
  readonly userId?: string;
  /** Bearer token, for an API in JWT mode. A function is asked before each try. */
  readonly token?: string | (() => string | Promise<string>);
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the global one: for a proxy, or a test. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** For a call as a whole, with all its tries; 30 s by default. A `wait` comes on top. */
  readonly deadlineMs?: number;
};

export type ApiClient = Calls & {
  /**
   * Asks for a deployment. Sent again after a failure it is still one request; so is a whole process
   * that does this again with the same `requestId`.
   */
  readonly createRequest: (
    body: Schemas['CreateDeploymentRequest'],
    options?: CreateRequestOptions,
  ) => Promise<CreatedRequest>;
  /** Waits until a request is carried out, or its rollout has settled. Outlives restarts of the API. */
  readonly waitForRequest: (id: string, options?: WaitForRequestOptions) => Promise<WaitedRequest>;
  /** All items of a list: `for await (const item of api.list('/api/v1/deployments'))`. */
  readonly list: <Path extends ListPath>(
    path: Path,
    ...options: ListArguments<Path>
  ) => AsyncGenerator<ListItem<Path>, void, undefined>;
  /** Follows what happens, over lost connections. Leaving the loop closes the stream. */
  readonly events: (options?: EventsOptions) => AsyncGenerator<ApiEvent, void, undefined>;
};

/**
 * Calls (`api.GET(path, …)`, `POST`, `PATCH`, `DELETE`) are openapi-fetch's. Each has a deadline, is
 * repeated where that is safe, and throws `ApiProblem` or `ApiUnreachable`. Holds nothing open.
 */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const { deadlineMs = DEADLINE_MS_DEFAULT, headers = {} } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const surroundings = {
    ...systemSurroundings,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  };
  const credentials = () => credentialsOf(options);
  const send = createSend({ surroundings, deadlineMs, credentials });
  const calls = createCalls({ baseUrl, headers, send, nowMs: surroundings.clock.nowMs });
  const source = {
    baseUrl,
    surroundings,
    deadlineMs,
    headers: async () => ({ ...headers, ...(await credentials()) }),
  };
  return {
    ...calls,
    createRequest: (body, settings) => createRequest(calls, body, settings),
    waitForRequest: (id, settings) => waitForRequest(calls, surroundings, id, settings),
    list: (path, ...settings) => listItems(calls, path, ...settings),
    events: (settings) => streamEvents(source, settings),
  };
}

async function credentialsOf({
  userId,
  token,
}: ApiClientOptions): Promise<Readonly<Record<string, string>>> {
  const bearer = typeof token === 'function' ? await token() : token;
  return {
    ...(userId === undefined ? {} : { 'x-user-id': userId }),
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
  };
}
