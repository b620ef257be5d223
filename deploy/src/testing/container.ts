/**
 * Runs a built image's entry point as a container would: from a root of its own, with the variables
 * and files that its pod has, without a right to write anywhere or to read what isn't in the image,
 * but where it has a volume.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuiltImage } from './dockerfile.ts';

export type ContainerOptions = {
  readonly image: BuiltImage;
  /** The image's root. */
  readonly folder: string;
  /** Of the pod's container: those that name a path lead into the folder. */
  readonly env: Readonly<Record<string, string>>;
  /** Contents of what the pod mounts, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /**
   * Where the pod mounts a volume. Node has no fdatasync under its permission model, so such a program
   * runs without the guard.
   */
  readonly volume?: string;
};

export type RunningContainer = {
  readonly output: () => string;
  readonly terminate: () => void;
  readonly ended: Promise<number | null>;
};

export function startContainer(options: ContainerOptions): RunningContainer {
  const { image, folder, env, files = {}, args = [], volume } = options;
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const inFolder = Object.entries(env).map(([name, value]) => [
    name,
    value.startsWith('/') ? join(folder, value) : value,
  ]);
  if (volume !== undefined) mkdirSync(join(folder, volume), { recursive: true });
  const guards = volume === undefined ? ['--permission', `--allow-fs-read=${folder}/*`] : [];
  const child = spawn(process.execPath, [...guards, ...image.args, ...args], {
    cwd: folder,
    env: { LOG_FORMAT: 'json', ...image.env, ...Object.fromEntries(inFolder) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  return { output: () => output, terminate: () => void child.kill('SIGTERM'), ended };
}
