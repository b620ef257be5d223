import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const repository = join(import.meta.dirname, '../..');

/** A checkout with nothing installed, as far as `make run` looks at it before it installs. */
let checkout: string;
/** All programs that there are. */
let bin: string;
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'stack-sh-'));
  for (const path of ['tools/stack/stack.sh', 'tools/stack/bootstrap', 'tools/infra/go.mod']) {
    cpSync(join(repository, path), join(checkout, path), { recursive: true });
  }
  bin = join(checkout, 'bin');
  mkdirSync(bin);
  symlinkSync('/usr/bin/dirname', join(bin, 'dirname'));
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

function program(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

async function makeRun(): Promise<{ exitCode: number; said: string }> {
  const script = join(checkout, 'tools/stack/stack.sh');
  const env = { PATH: bin, HOME: checkout };
  try {
    const { stdout } = await promisify(execFile)('/bin/sh', [script, 'run'], { env });
    return { exitCode: 0, said: stdout };
  } catch (error) {
    if (!(error instanceof Error) || !('stderr' in error) || !('code' in error)) throw error;
    return { exitCode: Number(error.code), said: String(error.stderr) };
  }
}

describe('make run, where something is missing, says what and ends with 1', () => {
  it('without Node.js', async () => {
    const { exitCode, said } = await makeRun();
    expect(exitCode).toBe(1);
    expect(said).toMatch(/^Node\.js is missing: install version 20 or later/);
  });

  it('with a Node.js that is too old to read the rest', async () => {
    const old = "Object.defineProperty(process, 'versions', { value: { node: '12.22.9' } });";
    program(
      'node',
      `case "$1" in
        --version) echo v12.22.9 ;;
        -e) exec ${process.execPath} -e "${old} $2" ;;
        *) echo SyntaxError >&2; exit 1 ;;
      esac`,
    );
    const { exitCode, said } = await makeRun();
    expect(exitCode).toBe(1);
    expect(said).toMatch(/^Node\.js v12\.22\.9 is too old: install version 20 or later/);
  });

  it('without Go, before it installs anything', async () => {
    symlinkSync(process.execPath, join(bin, 'node'));
    program('npm', `echo installed > ${checkout}/npm-ran`);
    const { exitCode, said } = await makeRun();
    expect(exitCode).toBe(1);
    expect(said).toMatch(/Go is missing: install Go 1\.\d+.* or later/);
    expect(existsSync(join(checkout, 'npm-ran'))).toBe(false);
  });

  it('without npm', async () => {
    symlinkSync(process.execPath, join(bin, 'node'));
    program('go', 'exit 0');
    const { exitCode, said } = await makeRun();
    expect(exitCode).toBe(1);
    expect(said).toContain('npm is missing: it comes with Node.js');
  });
});
