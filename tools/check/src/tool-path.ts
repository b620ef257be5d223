import { delimiter, join } from 'node:path';

/** The environment in which the repository's own tools are found first, Node 24 among them. */
export function toolEnvironment(root: string): Readonly<Record<string, string>> {
  const bin = join(root, 'node_modules', '.bin');
  return { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
}
