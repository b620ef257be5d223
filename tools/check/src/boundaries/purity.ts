/** A core has no I/O, clock, randomness or waiting: what it gives depends on what it is given. */
import { isBuiltin } from 'node:module';
import ts from 'typescript';
import type { Finding } from '../finding.ts';
import { importsOf } from '../imports.ts';
import { lineOf, nodesOf, type ParsedModule } from '../syntax.ts';
import { isReference } from './references.ts';

/** Names of the world outside. */
const impureGlobals: ReadonlySet<string> = new Set([
  'process',
  'global',
  'globalThis',
  'console',
  'performance',
  'crypto',
  'fetch',
  'WebSocket',
  'Worker',
  'Promise',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'require',
]);

export function purityFindings(module: ParsedModule): readonly Finding[] {
  const findings: Finding[] = [];
  for (const node of nodesOf(module)) {
    const what = impurityOf(node);
    if (what !== null) {
      const message = `a core may not use ${what}`;
      findings.push({ path: module.path, line: lineOf(module, node), message });
    }
  }
  for (const { specifier, line } of importsOf(module)) {
    if (specifier === null || !isBuiltin(specifier)) continue;
    findings.push({ path: module.path, line, message: `a core may not import ${specifier}` });
  }
  return findings;
}

function impurityOf(node: ts.Node): string | null {
  if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) {
    return 'await';
  }
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return 'async';
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return 'import()';
  }
  if (!ts.isIdentifier(node) || !isReference(node)) return null;
  if (impureGlobals.has(node.text)) return node.text;
  if (node.text === 'Math') return usesMember(node, ['random']) ? 'Math.random' : null;
  if (node.text === 'Date') return isGivenTime(node) ? null : 'the clock (Date)';
  return null;
}

/** True where one of the members is taken, or the whole object is handed on. */
function usesMember(node: ts.Identifier, members: readonly string[]): boolean {
  const { parent } = node;
  if (!ts.isPropertyAccessExpression(parent) || parent.expression !== node) return true;
  return members.includes(parent.name.text);
}

/** `new Date(value)`, `Date.parse(text)` and `Date.UTC(…)` make a time of what they are given. */
function isGivenTime(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isNewExpression(parent) && parent.expression === node) {
    return (parent.arguments ?? []).length > 0;
  }
  if (ts.isBinaryExpression(parent)) {
    return parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
  }
  return (
    ts.isPropertyAccessExpression(parent) &&
    parent.expression === node &&
    ['parse', 'UTC'].includes(parent.name.text)
  );
}
