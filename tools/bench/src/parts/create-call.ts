import type { HttpCall } from './http-load.ts';

/** The smallest creation, by one of 16 users: a quota or a lock per user is met as in real life. */
export function createCall(identifier: string): HttpCall {
  return {
    method: 'POST',
    path: '/api/v1/deployments/requests/create',
    headers: { 'content-type': 'application/json', 'x-user-id': `bench-${userOf(identifier)}` },
    body: JSON.stringify({ identifier, image: 'nginx:1.27' }),
  };
}

const users = 16;

function userOf(identifier: string): number {
  return Number(/(\d+)$/.exec(identifier)?.[1] ?? 0) % users;
}
