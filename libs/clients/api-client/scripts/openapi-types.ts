/** What the generator makes of the API's checked-in description: the text of src/gen/openapi.ts. */
import { readFile } from 'node:fs/promises';
import openapiTypescript, { astToString, type OpenAPI3 } from 'openapi-typescript';

export const openapiTypesFile = new URL('../src/gen/openapi.ts', import.meta.url);

const descriptionFile = new URL('../../../../apps/api/openapi.json', import.meta.url);

const header = `/* oxlint-disable */
// Made from apps/api/openapi.json by \`npm run generate --workspace @windlass/api-client\`.
// A test compares the two: change the API's routes, never this file.

`;

export async function readOpenapiDescription(): Promise<OpenAPI3> {
  return JSON.parse(await readFile(descriptionFile, 'utf8'));
}

export async function openapiTypes(): Promise<string> {
  const nodes = await openapiTypescript(await readOpenapiDescription(), { silent: true });
  return `${header}${astToString(nodes)}`;
}
