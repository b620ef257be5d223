import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatFinding } from '../finding.ts';
import { readSourceTree } from '../source-tree.ts';
import { checkBoundaries } from './check-boundaries.ts';

const root = resolve(import.meta.dirname, '../../../..');
const folder = join(root, 'tools/check/fixtures/boundaries');
const fixtures = readdirSync(folder);

describe('boundaries', () => {
  it('has fixtures, all but one of which must fail', () => {
    const failing = fixtures.filter((name) => readFixture(name).findings !== '');
    expect(failing.length).toBeGreaterThanOrEqual(16);
    expect(fixtures.filter((name) => !failing.includes(name))).toEqual(['sound.txt']);
  });

  for (const name of fixtures) {
    it(`finds what ${name} says`, () => {
      const { tree, findings } = readFixture(name);
      const found = checkBoundaries(tree).findings.map((finding) => `${formatFinding(finding)}\n`);
      expect(found.join('')).toBe(findings);
    });
  }

  it('sees the projects, modules and imports of this repository', { timeout: 30_000 }, () => {
    const report = checkBoundaries(readSourceTree(root));
    expect(report.projects).toBeGreaterThan(20);
    expect(report.modules).toBeGreaterThan(200);
    expect(report.imports).toBeGreaterThan(report.modules);
  });
});

/** Files after lines `-- path --`; the last of them holds the findings. */
function readFixture(name: string) {
  const sections = readFileSync(join(folder, name), 'utf8')
    .split(/^-- (.+) --\n/m)
    .slice(1);
  const files = new Map<string, string>();
  for (let index = 0; index < sections.length; index += 2) {
    files.set(sections[index] ?? '', sections[index + 1] ?? '');
  }
  const findings = files.get('findings') ?? '';
  files.delete('findings');
  return { tree: files, findings };
}
