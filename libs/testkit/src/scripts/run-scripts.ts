/**
 * Runs data-driven tests: text files with directives and what each must print. The format is in
 * parse.ts.
 *
 *   await runScripts(new URL('./testdata/', import.meta.url), () => {
 *     const machine = newMachine();
 *     return (directive) => machine.run(directive.name, directive.input);
 *   });
 *
 * UPDATE=1 writes what was printed into the files. Commit such a change only when you understand
 * what changed it; where CI is set it is refused.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Directive, formatScript, parseScript } from './parse.ts';

/** Carries out one directive, and returns what it prints. */
export type Handler = (directive: Directive) => string | Promise<string>;

/**
 * Defines one test per file of a folder, in the order of their names.
 *
 * @param makeHandler called for each file, so that files share no state
 * @throws Error when the folder has no files, or UPDATE is set together with CI
 */
export async function runScripts(
  directory: string | URL,
  makeHandler: () => Handler,
): Promise<void> {
  const folder = typeof directory === 'string' ? directory : fileURLToPath(directory);
  const update = wantsUpdate(process.env);
  const names = readdirSync(folder).sort();
  if (names.length === 0) throw new Error(`${folder} has no scripts`);
  // Loaded here, so that who only starts servers doesn't load a test runner.
  const { expect, it } = await import('vitest');
  for (const name of names) {
    const file = join(folder, name);
    it(name, async () => {
      const ran = await runScript(readFileSync(file, 'utf8'), file, makeHandler());
      if (update) writeFileSync(file, ran.updated);
      else expect(ran.updated, `${file} (UPDATE=1 rewrites it)`).toBe(ran.text);
    });
  }
}

/** @throws Error where scripts must not be rewritten */
export function wantsUpdate(env: NodeJS.ProcessEnv): boolean {
  if (env['UPDATE'] === undefined || env['UPDATE'] === '' || env['UPDATE'] === '0') return false;
  if (env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false') {
    throw new Error('UPDATE rewrites expected output, which CI must not do');
  }
  return true;
}

export type RanScript = {
  /** The script as it was, with the line break at its end. */
  readonly text: string;
  /** The script with what its steps printed now. */
  readonly updated: string;
};

/** Runs every step, also after one that printed something else. */
export async function runScript(text: string, file: string, handle: Handler): Promise<RanScript> {
  const parts = parseScript(text, file);
  const outputs: string[] = [];
  const expected: string[] = [];
  for (const part of parts) {
    if (part.kind === 'text') continue;
    const { directive } = part.step;
    outputs.push(trimEnd(await handle(directive)));
    expected.push(part.step.expected);
  }
  return { text: formatScript(parts, expected), updated: formatScript(parts, outputs) };
}

function trimEnd(output: string): string {
  return output.endsWith('\n') ? output.slice(0, -1) : output;
}
