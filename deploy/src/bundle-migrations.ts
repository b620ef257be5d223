/**
 * What the image of the migrations holds: the command as one bundle, the SQL files, and Prisma's engine,
 * which is WebAssembly that imports its own glue code and so can't be bundled (ADR 0007). The apps'
 * bundles come from tools/check (`npm run bundle`).
 */
import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const enginePackage = '@prisma/schema-engine-wasm';

/** What CommonJS packages expect to find, as in the apps' bundles. */
const banner = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
].join('\n');

/**
 * Writes `main.js`, `migrations/` and the engine's package into a folder, emptied before.
 *
 * @param root top of the repository
 * @throws the failure of esbuild, whose message says what and where
 */
export async function bundleMigrations(root: string, folder: string): Promise<void> {
  const project = join(root, 'libs/adapters/postgres');
  rmSync(folder, { recursive: true, force: true });
  await build({
    entryPoints: [join(project, 'src/migrate/main.ts')],
    outfile: join(folder, 'main.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    sourcemap: true,
    logLevel: 'silent',
    banner: { js: banner },
    external: [enginePackage],
  });
  cpSync(join(project, 'prisma/migrations'), join(folder, 'migrations'), { recursive: true });
  const engine = createRequire(join(project, 'package.json')).resolve(enginePackage);
  cpSync(dirname(engine), join(folder, 'node_modules', enginePackage), {
    recursive: true,
    dereference: true,
    filter: (path) => !path.endsWith('.d.ts'),
  });
}
