/** The environment is read in one place per program, so that all problems show at the start. */
import ts from 'typescript';
import type { Finding } from '../finding.ts';
import { lineOf, nodesOf, type ParsedModule } from '../syntax.ts';
import type { Project } from '../workspace.ts';
import { Layer, layerOf } from './layers.ts';

/** Where variables may be read. */
const readerPaths = /(?:^|\/)src\/(?:[a-z-]+\/)*config\.ts$/;
/** Where the whole environment may be handed to a reader: `{ env: process.env }`. */
const starterPaths = /(?:^|\/)src\/(?:[a-z-]+\/)*main\.ts$/;

export function environmentFindings(project: Project, module: ParsedModule): readonly Finding[] {
  const layer = layerOf(project.tags);
  if (layer === Layer.Tool || layer === Layer.Testkit) return [];
  const findings: Finding[] = [];
  for (const node of nodesOf(module)) {
    if (!readsEnvironment(node) || mayRead(node, module.path, layer)) continue;
    const message = 'only config.ts may read the environment (main.ts may hand it on)';
    findings.push({ path: module.path, line: lineOf(module, node), message });
  }
  return findings;
}

function mayRead(node: ts.Node, path: string, layer: Layer | null): boolean {
  if (layer !== Layer.App && layer !== Layer.Adapter) return false;
  return readerPaths.test(path) || (starterPaths.test(path) && isHandedOn(node));
}

function isHandedOn(node: ts.Node): boolean {
  return ts.isPropertyAssignment(node.parent) && node.parent.initializer === node;
}

/** `process.env`, `process['env']`, `const { env } = process`, `import { env } from 'node:process'`. */
function readsEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) {
    return node.name.text === 'env' && isProcess(node.expression);
  }
  if (ts.isElementAccessExpression(node)) {
    const { argumentExpression: key } = node;
    return ts.isStringLiteralLike(key) && key.text === 'env' && isProcess(node.expression);
  }
  if (ts.isBindingElement(node)) {
    const name = node.propertyName ?? node.name;
    const declaration = node.parent.parent;
    return (
      ts.isIdentifier(name) &&
      name.text === 'env' &&
      ts.isVariableDeclaration(declaration) &&
      declaration.initializer !== undefined &&
      isProcess(declaration.initializer)
    );
  }
  return ts.isImportSpecifier(node) && (node.propertyName ?? node.name).text === 'env'
    ? isFromProcess(node)
    : false;
}

function isProcess(expression: ts.Expression): boolean {
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text === 'process';
  return ts.isIdentifier(expression) && expression.text === 'process';
}

function isFromProcess(specifier: ts.ImportSpecifier): boolean {
  const { moduleSpecifier } = specifier.parent.parent.parent;
  return ts.isStringLiteral(moduleSpecifier) && /^(?:node:)?process$/.test(moduleSpecifier.text);
}
