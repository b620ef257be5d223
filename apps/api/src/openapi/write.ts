/** `npm run openapi`: writes openapi.json anew from the routes. A test compares the two. */
import { writeFile } from 'node:fs/promises';
import { openapiDocument } from './document.ts';

const file = new URL('../../openapi.json', import.meta.url);
await writeFile(file, `${JSON.stringify(await openapiDocument(), null, 2)}\n`);
