/** The peers are Go programs of a module of their own. Go's cache makes a second build quick. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheDir } from '@windlass/testkit';

const peersDir = fileURLToPath(new URL('../../peers/', import.meta.url));

/** @returns the path of the program */
export async function buildPeer(name: 'bareapply' | 'etcdlock'): Promise<string> {
  const file = join(cacheDir(), 'bench', name);
  await mkdir(join(cacheDir(), 'bench'), { recursive: true });
  console.log(`building the peer ${name} (minutes the first time)`);
  await promisify(execFile)('go', ['build', '-o', file, `./${name}`], { cwd: peersDir });
  return file;
}
