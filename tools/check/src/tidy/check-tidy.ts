/** What people should find in order when they open the repository. */
import { type Finding, sortFindings } from '../finding.ts';
import { isGenerated, type SourceTree } from '../source-tree.ts';
import { readWorkspace } from '../workspace.ts';
import { lengthFindings, readmeFindings } from './file-rules.ts';
import { lineFindings } from './line-rules.ts';

/** Written by package managers; their text is not ours. */
const lockFiles: ReadonlySet<string> = new Set(['package-lock.json', 'tools/infra/go.sum']);

/** Cases that break rules on purpose. */
const fixtureFolder = 'tools/check/fixtures/';

export function checkTidy(tree: SourceTree): readonly Finding[] {
  const { projects } = readWorkspace(tree);
  const files = [...tree].filter(
    ([path]) => !lockFiles.has(path) && !path.startsWith(fixtureFolder) && !isGenerated(path),
  );
  return sortFindings([
    ...files.flatMap(([path, text]) => [
      ...lineFindings(path, text),
      ...lengthFindings(path, text),
    ]),
    ...projects.flatMap((project) => readmeFindings(project, tree)),
  ]);
}
