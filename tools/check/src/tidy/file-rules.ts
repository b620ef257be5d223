/** Rules on whole files and on projects. */
import type { Finding } from '../finding.ts';
import { isGenerated, type SourceTree } from '../source-tree.ts';
import { isModulePath } from '../syntax.ts';
import type { Project } from '../workspace.ts';

/** A longer file has more than one reason to exist. */
const linesPerFileMax = 500;

/** A README that doesn't say what a project is for isn't one. */
const readmeLengthMin = 200;

export function lengthFindings(path: string, text: string): readonly Finding[] {
  if (!isModulePath(path) || isGenerated(path)) return [];
  const lines = text.split('\n').length - 1;
  if (lines <= linesPerFileMax) return [];
  return [{ path, line: null, message: `has ${lines} lines; ${linesPerFileMax} are the most` }];
}

export function readmeFindings(project: Project, tree: SourceTree): readonly Finding[] {
  const path = `${project.folder}/README.md`;
  const text = tree.get(path);
  if (text === undefined) return [{ path, line: null, message: 'is missing' }];
  return text.length >= readmeLengthMin
    ? []
    : [{ path, line: null, message: `says nothing (under ${readmeLengthMin} characters)` }];
}
