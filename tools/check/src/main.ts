/** The checks by name: `node tools/check/src/main.ts boundaries`. See README.md. */
import { resolve } from 'node:path';
import { checkBoundaries } from './boundaries/check-boundaries.ts';
import { checkBundles } from './bundle/check-bundles.ts';
import { type Finding, formatFinding } from './finding.ts';
import { checkProtobuf } from './protobuf.ts';
import { checkSettings } from './settings.ts';
import { readSourceTree } from './source-tree.ts';
import { checkTidy } from './tidy/check-tidy.ts';

const root = resolve(import.meta.dirname, '../../..');

type Check = {
  readonly help: string;
  /** Gives the findings, after saying what was looked at. */
  readonly run: (args: readonly string[]) => Promise<readonly Finding[]> | readonly Finding[];
};

const checks: Readonly<Record<string, Check>> = {
  boundaries: {
    help: 'import rules between projects, purity of the cores, readers of the environment',
    run: () => {
      const { findings, projects, modules, imports } = checkBoundaries(readSourceTree(root));
      console.log(`${projects} projects, ${modules} modules, ${imports} imports`);
      return findings;
    },
  },
  tidy: {
    help: 'file lengths, open marks, hosts and paths, READMEs',
    run: () => checkTidy(readSourceTree(root)),
  },
  proto: {
    help: 'buf lint, buf breaking against main, generated code up to date',
    run: () => checkProtobuf(root),
  },
  settings: {
    help: 'tables of settings in the READMEs of apps; --write puts them in order',
    run: (args) => checkSettings(root, readSourceTree(root), args.includes('--write')),
  },
  bundle: {
    help: 'bundles apps (all, or those named) and starts each bundle with --help',
    run: (args) => checkBundles(root, readSourceTree(root), args, console.log),
  },
};

const [name = '', ...args] = process.argv.slice(2);
const check = checks[name];
if (check === undefined) {
  const lines = Object.entries(checks).map(([known, { help }]) => `  ${known.padEnd(12)}${help}`);
  console.error(`usage: node tools/check/src/main.ts <check>\n${lines.join('\n')}`);
  process.exitCode = 2;
} else {
  const findings = await check.run(args);
  for (const finding of findings) console.error(formatFinding(finding));
  console.log(`${name}: ${findings.length === 0 ? 'in order' : `${findings.length} findings`}`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
