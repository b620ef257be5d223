import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgress, elapsed } from './progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function record(isTTY: boolean) {
  const written: string[] = [];
  const progress = createProgress({ isTTY, write: (text) => written.push(text) });
  return { written, progress };
}

describe('createProgress', () => {
  it('repaints one line on a terminal, and clears it', () => {
    const { written, progress } = record(true);
    progress.show('compiled 1');
    vi.advanceTimersByTime(1_000);
    progress.keep('half done');
    progress.close();
    expect(written.slice(0, 2)).toEqual([
      '\r\u001B[2K0m 00s  compiled 1',
      '\r\u001B[2K0m 00s  compiled 1',
    ]);
    expect(written.slice(-3)).toEqual(['\r\u001B[2K', '0m 01s  half done\n', '\r\u001B[2K']);
  });

  it('writes a line now and then to a log', () => {
    const { written, progress } = record(false);
    for (let second = 0; second < 40; second += 1) {
      progress.show(`compiled ${second}`);
      vi.advanceTimersByTime(1_000);
    }
    progress.close();
    vi.advanceTimersByTime(60_000);
    expect(written).toEqual([
      '0m 00s  compiled 0\n',
      '0m 15s  compiled 15\n',
      '0m 30s  compiled 30\n',
    ]);
  });
});

describe('elapsed', () => {
  it('is minutes and seconds', () => {
    expect([0, 59_999, 247_000].map(elapsed)).toEqual(['0m 00s', '0m 59s', '4m 07s']);
  });
});
