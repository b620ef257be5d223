/** The contracts: their style, their generated code, and that nobody's messages break. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Finding, sortFindings } from './finding.ts';
import { runCommand } from './processes.ts';
import { readSourceTree, type SourceTree } from './source-tree.ts';
import { toolEnvironment } from './tool-path.ts';

const bufDeadlineMs = 60_000;
const protoFolder = 'proto';

export async function checkProtobuf(root: string): Promise<readonly Finding[]> {
  return sortFindings([
    ...(await bufFindings(root, 'lint', [])),
    ...(await breakingFindings(root)),
    ...(await generatedFindings(root)),
  ]);
}

async function bufFindings(
  root: string,
  verb: string,
  args: readonly string[],
): Promise<readonly Finding[]> {
  const { exitCode, output } = await run(root, join(root, protoFolder), 'buf', [verb, ...args]);
  if (exitCode === 0) return [];
  const message = `buf ${verb} ended with ${exitCode}: ${output.trim()}`;
  return [{ path: protoFolder, line: null, message }];
}

/** Against the last committed main; before there is one, nothing can break. */
async function breakingFindings(root: string): Promise<readonly Finding[]> {
  const main = await run(root, root, 'git', ['cat-file', '-e', `main:${protoFolder}/buf.yaml`]);
  if (main.exitCode !== 0) return [];
  return bufFindings(root, 'breaking', [
    '--against',
    `${join(root, '.git')}#branch=main,subdir=${protoFolder}`,
  ]);
}

/** Generates once more, into a folder of its own, and compares. */
async function generatedFindings(root: string): Promise<readonly Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-buf-'));
  try {
    const findings = await bufFindings(root, 'generate', ['--output', folder]);
    if (findings.length > 0) return findings;
    const committed = readSourceTree(join(root, protoFolder, 'gen'));
    return differences(committed, readSourceTree(join(folder, 'gen')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function differences(committed: SourceTree, fresh: SourceTree): readonly Finding[] {
  const names = new Set([...committed.keys(), ...fresh.keys()]);
  if (names.size === 0) return [report('', 'nothing was generated: nothing was checked')];
  return [...names].flatMap((name) => {
    if (committed.get(name) === fresh.get(name)) return [];
    const fix = 'run `npm run generate --workspace @windlass/proto`';
    if (!committed.has(name)) return [report(name, `is missing: ${fix}`)];
    return [report(name, fresh.has(name) ? `is out of date: ${fix}` : 'comes from no contract')];
  });
}

function report(path: string, message: string): Finding {
  return { path: `${protoFolder}/gen/${path}`, line: null, message };
}

type Output = { readonly exitCode: number | null; readonly output: string };

async function run(
  root: string,
  cwd: string,
  command: string,
  args: readonly string[],
): Promise<Output> {
  let output = '';
  const { exitCode } = await runCommand(command, args, {
    cwd,
    env: toolEnvironment(root),
    deadlineMs: bufDeadlineMs,
    onOutput: (text) => {
      output += text;
    },
  });
  return { exitCode, output };
}
