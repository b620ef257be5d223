import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { openapiDocument } from './document.ts';

it('openapi.json is what the routes say (npm run openapi --workspace @windlass/app-api)', async () => {
  const checkedIn: unknown = JSON.parse(
    await readFile(new URL('../../openapi.json', import.meta.url), 'utf8'),
  );
  expect(checkedIn).toEqual(await openapiDocument());
}, 30_000);

it('every operation has an id of its own, a summary, a tag and a problem document', async () => {
  const { paths } = await openapiDocument();
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  expect(operations.length).toBeGreaterThanOrEqual(24);
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  for (const operation of operations) {
    expect(operation.summary).not.toBe('');
    expect(operation.tags).toHaveLength(1);
    if (operation.operationId === 'ping') continue;
    expect(operation.responses['401']?.content).toHaveProperty('application/problem+json');
  }
}, 30_000);
