/** Starts a bundle where there is nothing else: what it forgot to bring along shows at once. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, ok, type Result } from '@windlass/base';
import { runCommand } from '../processes.ts';

const helpDeadlineMs = 20_000;

/** `--help` of the bundle, from an empty folder; the error says what happened instead. */
export async function tryBundle(appFolder: string): Promise<Result<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-bundle-'));
  try {
    cpSync(join(appFolder, 'dist'), folder, { recursive: true });
    let output = '';
    const { exitCode, timedOut } = await runCommand(process.execPath, ['main.js', '--help'], {
      cwd: folder,
      deadlineMs: helpDeadlineMs,
      onOutput: (text) => {
        output += text;
      },
    });
    if (timedOut) return fail(`--help took longer than ${helpDeadlineMs} ms\n${output}`);
    if (exitCode !== 0) return fail(`--help ended with ${exitCode}\n${output}`);
    return output.includes('Settings') ? ok(output) : fail(`--help shows no settings\n${output}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
