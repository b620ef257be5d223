import { describe, expect, it } from 'vitest';
import { runCommand } from './processes.ts';

describe('runCommand', () => {
  it('gives the exit code and both outputs', async () => {
    let output = '';
    const result = await run('echo out; echo err >&2; exit 3', 10_000, (text) => {
      output += text;
    });
    expect(result).toEqual({ exitCode: 3, timedOut: false });
    expect(output.split('\n').toSorted()).toEqual(['', 'err', 'out']);
  });

  it('says so where there is no such command', async () => {
    let output = '';
    const result = await runCommand('no-such-command', [], {
      cwd: '.',
      deadlineMs: 10_000,
      onOutput: (text) => {
        output += text;
      },
    });
    expect(result.exitCode).toBeNull();
    expect(output).toContain('ENOENT');
  });

  it('ends what the command started too, when the deadline is past', async () => {
    // The sleeper holds the output open: the command only ends in time if the sleeper is ended.
    const startedMs = performance.now();
    const result = await run('sleep 600 & wait', 300, () => {});
    expect(result).toEqual({ exitCode: null, timedOut: true });
    expect(performance.now() - startedMs).toBeLessThan(4_000);
  });

  it("doesn't wait for what left the command's group", async () => {
    const script = `
      const { spawn } = require('node:child_process');
      const left = spawn('sleep', ['15'], { detached: true, stdio: ['ignore', 'inherit', 'ignore'] });
      console.log(left.pid);
      left.unref();
    `;
    let output = '';
    const result = await runCommand(process.execPath, ['-e', script], {
      cwd: '.',
      deadlineMs: 10_000,
      lateOutputMs: 100,
      onOutput: (text) => {
        output += text;
      },
    });
    process.kill(Number(output), 'SIGKILL');
    expect(result).toEqual({ exitCode: 0, timedOut: false });
  });
});

function run(script: string, deadlineMs: number, onOutput: (text: string) => void) {
  return runCommand('sh', ['-c', script], { cwd: '.', deadlineMs, onOutput });
}
