/** Rules on single lines. The patterns have brackets in them so that they don't match themselves. */
import type { Finding } from '../finding.ts';
import { isGenerated } from '../source-tree.ts';

type LineRule = {
  readonly pattern: RegExp;
  readonly message: string;
  readonly appliesTo: (path: string) => boolean;
};

/** Where packages come from is a setting of the machine, never of the repository. */
const registryHosts =
  /registry[.]npmjs[.]org|registry[.]yarnpkg[.]com|npm[.]pkg[.]github[.]com|(?:proxy|sum)[.]golang[.]org|files[.]pythonhosted[.]org/;

/** Paths that exist on somebody's machine only; the home of `me` stands for anybody's in examples. */
const machinePaths =
  /(?:^|[\s'"`=:(])\/(?:roo[t]\/|hom[e]\/(?!me\/)[a-z]|User[s]\/[A-Za-z]|wor[k]\/[a-z])/;

const rules: readonly LineRule[] = [
  {
    pattern: /\b(?:TOD[O]|FIXM[E]|XX[X])\b/,
    message: 'leaves something open: do it, or take it to the issues',
    appliesTo: everywhere,
  },
  {
    pattern: registryHosts,
    message: 'names the host of a package registry',
    appliesTo: everywhere,
  },
  {
    pattern: machinePaths,
    message: "names a path of somebody's machine",
    appliesTo: everywhere,
  },
  {
    pattern: /^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w/,
    message: 'declares an enum: use a const object and a union',
    appliesTo: isTypeScript,
  },
  {
    pattern: /^\s*(?:describe|it|test|suite)(?:\.\w+)*\.(?:only|skip|todo)\b/,
    message: 'leaves tests out',
    appliesTo: isTypeScript,
  },
];

export function lineFindings(path: string, text: string): readonly Finding[] {
  const applicable = rules.filter((rule) => rule.appliesTo(path));
  return text
    .split('\n')
    .flatMap((line, index) =>
      applicable
        .filter((rule) => rule.pattern.test(line))
        .map((rule) => ({ path, line: index + 1, message: rule.message })),
    );
}

function everywhere(): boolean {
  return true;
}

function isTypeScript(path: string): boolean {
  return path.endsWith('.ts') && !isGenerated(path);
}
