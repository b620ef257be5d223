/** The platform's REST API, as far as the tour goes. */
import { newUuid } from '@windlass/base';

export type ApiAnswer = {
  readonly status: number;
  readonly body: unknown;
};

export type Api = {
  /** Settles with whatever the API answers; rejects where it doesn't. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<ApiAnswer>;
};

/** Answers take milliseconds; this is for an API that hangs. */
const CALL_DEADLINE_MS = 10_000;

/** @param user goes out as X-User-ID */
export function createApi(baseUrl: string, user: string): Api {
  return {
    call: async (method, path, body) => {
      const response = await fetch(`${baseUrl}/api/v1${path}`, {
        method,
        headers: {
          'x-user-id': user,
          'x-request-id': newUuid(),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(CALL_DEADLINE_MS),
      });
      const text = await response.text();
      return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
    },
  };
}

/** The platform didn't do what the tour shows. */
export class TourFailure extends Error {
  override readonly name = 'TourFailure';
}

/** The body of an answer that has one of the statuses; any other is shown as it is. */
export function expect(answer: ApiAnswer, statuses: readonly number[]): unknown {
  if (statuses.includes(answer.status)) return answer.body;
  const said = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  throw new TourFailure(`the API answers ${answer.status}, not ${statuses.join(' or ')}: ${said}`);
}

/** The members of a request that the tour reads. */
export type RequestBody = {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  /** Null where it didn't fail. */
  readonly error: string | null;
};

export function readRequest(body: unknown): RequestBody {
  const error = member(body, 'error');
  return {
    id: text(body, 'id'),
    type: text(body, 'type'),
    status: text(body, 'status'),
    error: error === null ? null : `${text(error, 'code')}: ${text(error, 'message')}`,
  };
}

export function readRequests(body: unknown): RequestBody[] {
  const items = member(body, 'items');
  if (!Array.isArray(items)) throw new TourFailure('the API answers with no items');
  return items.map(readRequest);
}

/** The members of a deployment that the tour reads. */
export type DeploymentBody = {
  readonly health: string;
  readonly healthMessage: string;
  readonly replicas: number;
  readonly readyReplicas: number;
};

export function readDeployment(body: unknown): DeploymentBody {
  return {
    health: text(body, 'health'),
    healthMessage: text(body, 'healthMessage'),
    replicas: Number(member(body, 'replicas')),
    readyReplicas: Number(member(body, 'readyReplicas')),
  };
}

function text(body: unknown, name: string): string {
  const value = member(body, name);
  if (typeof value === 'string') return value;
  throw new TourFailure(`the API answers without ${name}`);
}

function member(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
}
