/** Dockerfiles, as far as ours use the language, and their steps without Docker. */
import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { required } from '@windlass/base';
import { succeed } from './command.ts';

export type Instruction = { readonly keyword: string; readonly rest: string };

export type Stage = {
  readonly name: string;
  readonly base: string;
  readonly instructions: readonly Instruction[];
};

export type Dockerfile = {
  /** ARGs before the first stage. */
  readonly args: Readonly<Record<string, string>>;
  readonly stages: readonly Stage[];
};

export function readDockerfile(path: string): Dockerfile {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const args: Record<string, string> = {};
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [keyword = '', ...words] = line.trim().split(/\s+/);
    const rest = words.join(' ');
    const stage = stages.at(-1);
    if (keyword === 'FROM')
      stages.push({ name: words[2] ?? '', base: words[0] ?? '', instructions: [] });
    else if (stage !== undefined) stage.instructions.push({ keyword, rest });
    else if (keyword === 'ARG') Object.assign(args, assignment(rest));
    else throw new Error(`${path}: ${keyword} before the first FROM`);
  }
  return { args, stages };
}

/** `RUN` steps that the checkout has behind it, where tests run. */
const doneBefore: ReadonlySet<string> = new Set(['npm ci', 'npm run generate']);

export type BuiltImage = {
  /** ENV of the image; paths of the image lead into the folder. */
  readonly env: Readonly<Record<string, string>>;
  /** Arguments of node, from the entry point. */
  readonly args: readonly string[];
};

/**
 * Does what a build does after the install: the RUN steps of the stage `build` in the checkout, then the
 * COPY steps of the stage `run` into a folder, which becomes the image's root.
 */
export async function buildWithoutDocker(
  { stages }: Dockerfile,
  options: {
    readonly args: Readonly<Record<string, string>>;
    readonly root: string;
    readonly folder: string;
  },
): Promise<BuiltImage> {
  const { args, root, folder } = options;
  const expand = (text: string) =>
    text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => required(args[name], name));
  const [build, image] = [required(stages[0], 'build'), required(stages[1], 'run')];
  for (const { keyword, rest } of build.instructions) {
    if (keyword !== 'RUN' || doneBefore.has(rest)) continue;
    await succeed('sh', ['-c', expand(rest)], { cwd: root });
  }
  const env: Record<string, string> = {};
  let command: readonly string[] = [];
  for (const { keyword, rest } of image.instructions) {
    if (keyword === 'ENV') Object.assign(env, assignment(rest));
    else if (keyword === 'COPY') copy(expand(rest), root, folder);
    else if (keyword === 'ENTRYPOINT') command = JSON.parse(rest);
  }
  const inFolder = (text: string) => (text.startsWith('/') ? join(folder, text) : text);
  const [program, ...rest] = command;
  if (program !== 'node') throw new Error(`the entry point is ${program}, not node`);
  return {
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, inFolder(value)])),
    args: rest.map(inFolder),
  };
}

function copy(rest: string, root: string, folder: string): void {
  const match = /^--from=build \/src\/(\S+) (\/\S+)$/.exec(rest);
  const [, from = '', to = ''] = required(match, `COPY --from=build /src/… /…, not ${rest}`);
  const source = join(root, from);
  const target = join(folder, to);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(source, target, { recursive: statSync(source).isDirectory() });
}

function assignment(text: string): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  return { [text.slice(0, at)]: text.slice(at + 1) };
}
