import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  openapiTypes,
  openapiTypesFile,
  readOpenapiDescription,
} from '../scripts/openapi-types.ts';
import { createCalls } from './calls.ts';

describe('the generated types', () => {
  it('are what the generator makes of the API (npm run generate)', async () => {
    expect(await readFile(openapiTypesFile, 'utf8')).toBe(await openapiTypes());
  }, 30_000);

  it('a request id goes out with exactly those operations that take one', async () => {
    const sent = new Set<string>();
    const calls = createCalls({
      baseUrl: 'http://127.0.0.1',
      headers: {},
      nowMs: () => 0,
      send: async (request) => {
        const { pathname } = new URL(request.url);
        if (request.headers.has('x-request-id'))
          sent.add(`${request.method} ${decodeURI(pathname)}`);
        return new Response('{}');
      },
    });
    const taking = new Set<string>();
    const { paths = {} } = await readOpenapiDescription();
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const call = calls.request as unknown as (method: string, path: string) => Promise<unknown>;
        await call(method, path);
        const { parameters = [] }: { parameters?: { name: string }[] } = operation;
        const takes = parameters.some(({ name }) => name === 'X-Request-ID');
        if (takes) taking.add(`${method.toUpperCase()} ${path}`);
      }
    }
    expect(sent).toEqual(taking);
    expect(taking.size).toBeGreaterThanOrEqual(8);
  });
});
