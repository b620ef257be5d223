import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { seededRandom } from '@windlass/base';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLineOutput } from './standard-output.ts';

const options = { batchBytes: 20, batchMs: 100, fullWaitMs: 4 };
const failing = (code: string) => {
  throw Object.assign(new Error(code), { code });
};

/** A pipe that takes as many bytes per write as the test allows. */
function pipe() {
  const state = { received: '', writes: 0, room: Number.POSITIVE_INFINITY, chunk: 1_000 };
  const write = (bytes: Uint8Array): number => {
    const taken = Math.min(bytes.length, state.room, state.chunk);
    state.writes += 1;
    if (taken === 0) failing('EAGAIN');
    state.room -= taken;
    state.received += Buffer.from(bytes.subarray(0, taken)).toString('latin1');
    return taken;
  };
  return { state, write };
}

describe('createLineOutput', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('writes lines together: when they are many, and when they have waited', () => {
    const { state, write } = pipe();
    const output = createLineOutput(options, write);
    output.write('first\n');
    output.write('second\n');
    expect(state.writes).toBe(0);
    output.write('third line\n');
    expect([state.writes, state.received]).toEqual([1, 'first\nsecond\nthird line\n']);
    output.write('late\n');
    vi.advanceTimersByTime(100);
    expect([state.writes, state.received]).toEqual([2, 'first\nsecond\nthird line\nlate\n']);
    vi.advanceTimersByTime(1_000);
    output.flush();
    expect(state.writes).toBe(2);
  });

  it('goes on where a write took only a part', () => {
    const { state, write } = pipe();
    state.chunk = 3;
    const output = createLineOutput(options, write);
    output.write('a longer line than three\n');
    expect(state.received).toBe('a longer line than three\n');
  });

  it('drops whole lines while a pipe is full, and waits for it only once', () => {
    const { state, write } = pipe();
    const output = createLineOutput(options, write);
    state.room = 8;
    for (const line of ['one\n', 'two and more\n', 'three\n']) output.write(line);
    output.flush();
    expect(state.received).toBe('one\ntwo ');
    const writesBefore = state.writes;
    output.write('four\n');
    output.flush();
    expect(state.writes).toBe(writesBefore + 1);
    state.room = 100;
    output.write('five\n');
    output.flush();
    expect(state.received).toBe('one\ntwo and more\nfive\n');
  });

  it.each(['EPIPE', 'EIO', 'EBADF'])(
    'never throws or waits when its reader is gone: %s',
    (code) => {
      const output = createLineOutput({ ...options, fullWaitMs: 60_000 }, () => failing(code));
      output.write('lost\n'.repeat(10));
      expect(() => output.flush()).not.toThrow();
    },
  );

  it('keeps lines whole and in order, whatever the pipe does', () => {
    const random = seededRandom('line-output');
    const { state, write } = pipe();
    const output = createLineOutput({ ...options, fullWaitMs: 0 }, write);
    for (let n = 0; n < 3_000; n += 1) {
      state.room = random.chance(0.3) ? random.integer(0, 30) : 1_000;
      state.chunk = random.integer(1, 40);
      output.write(`line ${n} ${'x'.repeat(random.integer(0, 15))}|\n`);
    }
    state.room = 1_000;
    output.flush();
    output.flush();
    const lines = state.received.trimEnd().split('\n');
    expect(lines.filter((line) => !/^line \d+ x*\|$/.test(line))).toEqual([]);
    const numbers = lines.map((line) => Number(line.split(' ')[1]));
    expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
    expect(numbers.length).toBeGreaterThan(1_000);
  });
});

describe('a process whose output nobody reads any more', () => {
  it('goes on and ends by itself', { timeout: 30_000 }, async () => {
    const from = JSON.stringify(new URL('standard-output.ts', import.meta.url).href);
    const source = `
      import { createLineOutput } from ${from};
      const output = createLineOutput({ batchBytes: 4096, batchMs: 100, fullWaitMs: 500 });
      process.once('exit', output.flush);
      for (let n = 0; n < 500; n += 1) {
        output.write('x'.repeat(3000) + '\\n');
        await new Promise((resolve) => setImmediate(resolve));
      }
      output.write('the end\\n');
      output.flush();
      process.exitCode = 7;
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 20_000,
      killSignal: 'SIGKILL',
    });
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await once(child, 'exit')).toEqual([7, null]);
  });
});
