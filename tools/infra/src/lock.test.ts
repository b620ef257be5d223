import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holderName, withLock } from './lock.ts';

let folder: string;
let file: string;
const shown: string[] = [];
const options = { progress: { show: (text: string) => void shown.push(text) } };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'windlass-lock-'));
  file = join(folder, 'lock');
  shown.length = 0;
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('withLock', () => {
  it('lets one work at a time, and says for whom it waits', async () => {
    let working = 0;
    let most = 0;
    const work = async () => {
      working += 1;
      most = Math.max(most, working);
      await new Promise((resolve) => setTimeout(resolve, 20));
      working -= 1;
    };
    await Promise.all([withLock(file, options, work), withLock(file, options, work)]);
    expect(most).toBe(1);
    expect(shown[0]).toBe(`waiting for the build of process ${process.pid}`);
    expect(existsSync(file)).toBe(false);
  });

  it('takes a lock away from a holder that died', async () => {
    // Above the largest pid of Linux and of macOS.
    writeFileSync(file, '99999999 1234');
    expect(await withLock(file, options, async () => 'done')).toBe('done');
    // A later process of the same number isn't the holder.
    writeFileSync(file, `${process.pid} 1234`);
    expect(await withLock(file, options, async () => 'done')).toBe('done');
    expect(shown).toEqual([]);
  });

  it('lets go when the work fails', async () => {
    const failing = withLock(file, options, () => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
    expect(existsSync(file)).toBe(false);
  });

  it('stops waiting when it is interrupted', async () => {
    writeFileSync(file, holderName(process.pid));
    const signal = AbortSignal.timeout(30);
    await expect(
      withLock(file, { ...options, signal }, async () => undefined),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect(existsSync(file)).toBe(true);
  });
});
