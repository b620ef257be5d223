/** Bundles the migrations for their image: `npm run bundle --workspace @windlass/deploy`. */
import { join, resolve } from 'node:path';
import { bundleMigrations } from './bundle-migrations.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = 'deploy/dist/migrations';
await bundleMigrations(root, join(root, folder));
console.log(`${folder}: main.js, migrations, node_modules/@prisma/schema-engine-wasm`);
