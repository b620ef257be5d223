/** `npm run generate`: writes src/gen/openapi.ts anew. */
import { writeFile } from 'node:fs/promises';
import { openapiTypes, openapiTypesFile } from './openapi-types.ts';

await writeFile(openapiTypesFile, await openapiTypes());
