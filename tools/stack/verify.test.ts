import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'stack-verify-'));
  for (const name of ['sed', 'awk', 'head', 'dirname']) {
    symlinkSync(`/usr/bin/${name}`, join(bin, name));
  }
});
afterEach(() => rmSync(bin, { recursive: true, force: true }));

function program(name: string, says: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\necho '${says}'\n`);
  chmodSync(join(bin, name), 0o755);
}

async function verify(): Promise<{ exitCode: number; lines: string[] }> {
  const script = join(import.meta.dirname, 'verify.sh');
  try {
    const { stdout } = await promisify(execFile)('/bin/sh', [script], { env: { PATH: bin } });
    return { exitCode: 0, lines: stdout.split('\n') };
  } catch (error) {
    if (!(error instanceof Error) || !('stdout' in error) || !('code' in error)) throw error;
    return { exitCode: Number(error.code), lines: String(error.stdout).split('\n') };
  }
}

function installNeeded(): void {
  program('make', 'GNU Make 4.3');
  program('node', 'v20.20.2');
  program('npm', '11.19.1');
  program('go', 'go version go1.26.8 linux/amd64');
}

describe('make verify', () => {
  it('is content where the local stack can run', async () => {
    installNeeded();
    const { exitCode, lines } = await verify();
    expect(exitCode).toBe(0);
    expect(lines).toContain('  ok       node      20.20.2');
    expect(lines).toContain('  ok       go        1.26.8');
    expect(lines.some((line) => /^ {2}- {8}docker +missing: install/.test(line))).toBe(true);
  });

  it('says what to do about what is missing, and fails', async () => {
    installNeeded();
    rmSync(join(bin, 'go'));
    const { exitCode, lines } = await verify();
    expect(exitCode).toBe(1);
    expect(lines.some((line) => /^ {2}MISSING {2}go +missing: install Go 1\./.test(line))).toBe(
      true,
    );
  });

  it('says what is too old', async () => {
    installNeeded();
    program('node', 'v18.9.0');
    const { exitCode, lines } = await verify();
    expect(exitCode).toBe(1);
    expect(lines.some((line) => line.startsWith('  MISSING  node      18.9.0 is too old'))).toBe(
      true,
    );
  });
});
