/** What a module imports, in every form that the language has for it. */
import ts from 'typescript';
import { lineOf, nodesOf, type ParsedModule } from './syntax.ts';

export type ImportUse = {
  /** Null where it is worked out when the program runs. */
  readonly specifier: string | null;
  readonly line: number;
};

export function importsOf(module: ParsedModule): readonly ImportUse[] {
  const uses: ImportUse[] = [];
  for (const node of nodesOf(module)) {
    const specifier = specifierNode(node);
    if (specifier === undefined) continue;
    const text = ts.isStringLiteralLike(specifier) ? specifier.text : null;
    uses.push({ specifier: text, line: lineOf(module, node) });
  }
  return uses;
}

/** The node that says what is imported; undefined where the node imports nothing. */
function specifierNode(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node)) {
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument;
  }
  if (ts.isCallExpression(node) && isImporting(node.expression)) return node.arguments[0];
  return undefined;
}

/** `import(…)`, `require(…)`, `require.resolve(…)`, `createRequire(…).resolve(…)`, `import.meta.resolve(…)`. */
function isImporting(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  if (ts.isIdentifier(callee)) return callee.text === 'require';
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== 'resolve') return false;
  const { expression } = callee;
  if (ts.isIdentifier(expression)) return expression.text === 'require';
  return ts.isMetaProperty(expression) || isCreateRequire(expression);
}

function isCreateRequire(expression: ts.Expression): boolean {
  return (
    ts.isCallExpression(expression) &&
    ts.isIdentifier(expression.expression) &&
    expression.expression.text === 'createRequire'
  );
}
