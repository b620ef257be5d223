/** `make docs`: where the documentation is. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { say, table } from '../print.ts';
import { repositoryDir, type StackFolder } from '../state/folder.ts';
import { runningState } from '../state/stack.ts';
import { apiUrlOf } from './addresses.ts';

const documentPaths = [
  ['README.md', 'what it is, and the first five minutes'],
  ['docs/architecture.md', 'the whole, and how a request travels'],
  ['docs/setup.md', 'the local stack, and what a cluster needs'],
  ['docs/api.md', 'the REST API'],
  ['docs/schema.md', 'the tables'],
  ['docs/design-decisions', 'why it is as it is'],
  ['docs/runbooks', 'what to do when something goes wrong'],
  ['docs/howto', 'how to extend it'],
  ['CONTRIBUTING.md', 'how the code is layered and tested'],
] as const;

export function docs(folder: StackFolder): number {
  const present = documentPaths.filter(([path]) => existsSync(join(repositoryDir, path)));
  for (const line of table(present)) say(line);
  const state = runningState(folder);
  say();
  if (state === null) say('Swagger UI: once the stack runs (`make run`)');
  else say(`Swagger UI: ${apiUrlOf(state)}/swagger/index.html`);
  return 0;
}
