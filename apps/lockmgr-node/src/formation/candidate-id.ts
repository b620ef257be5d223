/**
 * The id of a node that isn't a member yet, kept on disk: if it dies while its cluster is being
 * formed, it must come back under the id that the others know. With an empty disk it's another one.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

const fileName = 'candidate-id';

export async function candidateId(folder: string, newId: () => number): Promise<number> {
  const known = await read(join(folder, fileName));
  if (known !== null) return known;
  const id = newId();
  const file = await open(join(folder, `${fileName}.new`), 'w');
  try {
    await file.writeFile(`${id}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(join(folder, `${fileName}.new`), join(folder, fileName));
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
  return id;
}

async function read(path: string): Promise<number | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const id = Number(text.trim());
  if (!Number.isSafeInteger(id) || id < 1) throw new Error(`${path} holds no id`);
  return id;
}
