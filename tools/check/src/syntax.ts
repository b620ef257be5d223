/** TypeScript's own parser, for the checks that look into code. */
import ts from 'typescript';

export type ParsedModule = {
  readonly path: string;
  readonly source: ts.SourceFile;
};

export function isModulePath(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path) && !path.endsWith('.d.ts');
}

/** Tests, what only tests use, and scripts of a project: none of it runs in production. */
export function isDevelopmentPath(path: string): boolean {
  return /\.test(?:-support)?\.ts$|\/testing\/|^(?!.*\/src\/).*\/scripts\//.test(path);
}

export function parseModule(path: string, text: string): ParsedModule {
  return { path, source: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

/** From 1. */
export function lineOf(module: ParsedModule, node: ts.Node): number {
  return module.source.getLineAndCharacterOfPosition(node.getStart(module.source)).line + 1;
}

/** Every node of the module, parents first. */
export function* nodesOf(module: ParsedModule): Generator<ts.Node> {
  const pending: ts.Node[] = [module.source];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    yield node;
    const children: ts.Node[] = [];
    ts.forEachChild(node, (child) => {
      children.push(child);
    });
    pending.push(...children.toReversed());
  }
}
