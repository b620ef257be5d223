/**
 * Some packages read files beside their own code. In a bundle `__dirname` is the bundle's folder, so
 * for these packages it is put right: their files lie in a folder of the package's name there.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

type AssetPackage = {
  readonly name: string;
  /** What is copied beside the bundle, relative to the package. */
  readonly files: readonly string[];
};

export const assetPackages: readonly AssetPackage[] = [
  { name: '@fastify/swagger-ui', files: ['static'] },
];

export const packageFolders: Plugin = {
  name: 'package-folders',
  setup(build) {
    for (const { name } of assetPackages) {
      const folder = `node_modules/${name}/`;
      const filter = new RegExp(`${folder.replaceAll('/', '[\\\\/]')}.*\\.js$`);
      build.onLoad({ filter }, ({ path }) => {
        const normal = path.replaceAll('\\', '/');
        const inside = normal.slice(normal.lastIndexOf(folder) + folder.length);
        const beside = `${name}/${dirname(inside)}`;
        const text = readFileSync(path, 'utf8');
        return {
          contents: text.replaceAll(
            /\b__dirname\b/g,
            `(__dirname + ${JSON.stringify(`/${beside}`)})`,
          ),
        };
      });
    }
  },
};
