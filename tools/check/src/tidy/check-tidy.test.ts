import { describe, expect, it } from 'vitest';
import { formatFinding } from '../finding.ts';
import { checkTidy } from './check-tidy.ts';

const readme = `# @windlass/base\n\n${'What everything else may use. '.repeat(10)}\n`;
const sound = {
  'package.json': '{"workspaces": ["libs/*"]}',
  'libs/base/package.json': '{"name": "@windlass/base"}',
  'libs/base/README.md': readme,
  'libs/base/src/index.ts': 'export const todo = "a/home, a.skip, enumerate";\n',
};
/** Put together, so that this file is in order itself. */
const mark = ['TO', 'DO'].join('');
const host = ['registry', 'npmjs', 'org'].join('.');
const path = ['', 'home', 'ada', 'x'].join('/');

describe('tidy', () => {
  it('has nothing to say of what is in order', () => {
    expect(findings({})).toEqual([]);
  });

  it.each([
    [`// ${mark}: later`, 'leaves something open: do it, or take it to the issues'],
    [`const url = 'https://${host}/x';`, 'names the host of a package registry'],
    [`const file = '${path}';`, "names a path of somebody's machine"],
    ['export const enum Colour {', 'declares an enum: use a const object and a union'],
    ["it.skip('works', () => {});", 'leaves tests out'],
    ["describe.concurrent.only('y', () => {});", 'leaves tests out'],
  ])('finds %s', (line, message) => {
    const text = `// First.\n${line}\n`;
    expect(findings({ 'libs/base/src/a.ts': text })).toEqual([`libs/base/src/a.ts:2: ${message}`]);
  });

  it('finds marks, hosts and paths in any text, but not in generated code or lock files', () => {
    const text = `${mark}\n${host}\n${path}\n`;
    expect(findings({ 'docs/setup.md': text })).toHaveLength(3);
    expect(findings({ 'proto/gen/a.ts': text, 'package-lock.json': text })).toEqual([]);
  });

  it('finds files that are too long', () => {
    expect(findings({ 'libs/base/src/a.ts': 'x;\n'.repeat(500) })).toEqual([]);
    expect(findings({ 'libs/base/src/a.ts': 'x;\n'.repeat(501) })).toEqual([
      'libs/base/src/a.ts: has 501 lines; 500 are the most',
    ]);
  });

  it('finds projects without a README, or with one that says nothing', () => {
    expect(findings({ 'libs/base/README.md': null })).toEqual(['libs/base/README.md: is missing']);
    expect(findings({ 'libs/base/README.md': '# base' })).toEqual([
      'libs/base/README.md: says nothing (under 200 characters)',
    ]);
  });
});

/** Of the sound tree with some files put in, or taken out (null). */
function findings(changes: Readonly<Record<string, string | null>>): readonly string[] {
  const files = Object.entries({ ...sound, ...changes }).flatMap(([name, text]) =>
    text === null ? [] : [[name, text] as const],
  );
  return checkTidy(new Map(files)).map(formatFinding);
}
