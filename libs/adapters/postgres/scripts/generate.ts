/**
 * Makes src/generated from prisma/schema.prisma: `npm run generate`. Does nothing where the schema,
 * Prisma and this file are the same as last time.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const schemaFile = join(root, 'prisma', 'schema.prisma');
const outputDir = join(root, 'src', 'generated');
const stampFile = join(outputDir, 'stamp');

const prismaPackageFile = createRequire(import.meta.url).resolve('prisma/package.json');
const prismaPackage: { readonly version: string; readonly bin: { readonly prisma: string } } =
  JSON.parse(readFileSync(prismaPackageFile, 'utf8'));

const stamp = createHash('sha256')
  .update(prismaPackage.version)
  .update(readFileSync(schemaFile))
  .update(readFileSync(fileURLToPath(import.meta.url)))
  .digest('hex');

if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
  process.exit(0);
}

rmSync(outputDir, { recursive: true, force: true });
const command = join(dirname(prismaPackageFile), prismaPackage.bin.prisma);
const { status, stdout, stderr, error } = spawnSync(
  process.execPath,
  [command, 'generate', '--schema', schemaFile],
  {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      // Generating needs no engine; any file that exists keeps Prisma from downloading one.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  },
);
if (status !== 0) {
  process.stderr.write(`${stdout}${stderr}${error?.message ?? ''}\n`);
  process.exit(1);
}
writeFileSync(stampFile, stamp);
