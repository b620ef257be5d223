/** `make clean`: stops the stack and removes all it has: data, logs, ports, credentials. */
import { rmSync } from 'node:fs';
import { relative } from 'node:path';
import { good } from '../print.ts';
import { repositoryDir, type StackFolder } from '../state/folder.ts';
import { stop } from './stop.ts';

export async function clean(folder: StackFolder): Promise<number> {
  const exitCode = await stop(folder);
  if (exitCode !== 0) return exitCode;
  rmSync(folder.path, { recursive: true, force: true });
  good(`removed ${relative(repositoryDir, folder.path)}`);
  return 0;
}
