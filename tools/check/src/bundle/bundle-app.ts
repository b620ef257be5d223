/** One file per app that runs without node_modules, with the files that its packages read at run time. */
import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '@windlass/base';
import { type BuildFailure, build } from 'esbuild';
import { assetPackages, packageFolders } from './package-folders.ts';

/** What CommonJS packages expect to find; the last is for package-folders.ts. */
const banner = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

/** Writes `<app folder>/dist/main.js`; the error is what esbuild said. */
export async function bundleApp(appFolder: string): Promise<Result<null, string>> {
  const dist = join(appFolder, 'dist');
  const require = createRequire(join(appFolder, 'package.json'));
  rmSync(dist, { recursive: true, force: true });
  try {
    const { metafile } = await build({
      entryPoints: [join(appFolder, 'src', 'main.ts')],
      outfile: join(dist, 'main.js'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      sourcemap: true,
      metafile: true,
      logLevel: 'silent',
      banner: { js: banner },
      plugins: [packageFolders],
    });
    for (const { name, files } of assetPackages) {
      const isBundled = Object.keys(metafile.inputs).some((path) =>
        path.includes(`node_modules/${name}/`),
      );
      if (!isBundled) continue;
      const source = dirname(require.resolve(`${name}/package.json`));
      for (const file of files) {
        cpSync(join(source, file), join(dist, name, file), {
          recursive: true,
          filter: (path) => !path.endsWith('.map'),
        });
      }
    }
    return ok(null);
  } catch (error) {
    if (isBuildFailure(error)) return fail(error.message);
    throw error;
  }
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && 'warnings' in error;
}
