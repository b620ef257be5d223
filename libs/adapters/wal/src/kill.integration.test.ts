/** A process that is killed while it writes, on the real file system. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { command, stateOf, textOf } from './testing/sample-data.ts';
import { opened } from './testing/workload.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'windlass-wal-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the appender for a while, kills it, and gives the last index that it was told is durable. */
async function appendUntilKilled(runMs: number): Promise<number> {
  const script = new URL('testing/appender.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child.stdout, 'data');
  setTimeout(() => child.kill('SIGKILL'), runMs);
  const ended = await Promise.all([once(child, 'exit'), once(child.stdout, 'close')]);
  expect(ended[0]).toEqual([null, 'SIGKILL']);
  return Number(output.trimEnd().split('\n').at(-1));
}

it('holds every acknowledged batch after SIGKILL under load, time after time', async () => {
  let before = 0;
  for (const runMs of [150, 300, 77, 211, 160]) {
    const acknowledged = await appendUntilKilled(runMs);
    expect(acknowledged).toBeGreaterThan(before);
    const { wal, start } = await opened(folder, { segmentBytes: 64 * 1_024 });
    const base = start.snapshot?.index ?? 0;
    const last = start.entries.at(-1)?.index ?? base;
    expect(last).toBeGreaterThanOrEqual(acknowledged);
    expect(start.hardState.commit).toBeGreaterThanOrEqual(acknowledged);
    for (const [place, { index, data }] of start.entries.entries()) {
      expect(index).toBe(base + 1 + place);
      expect(Buffer.compare(data, command(index, 1, data.length).data)).toBe(0);
    }
    const saved = wal.openSnapshot();
    const [found, right] =
      saved === null
        ? ['', '']
        : [await textOf(saved.chunks), await textOf(stateOf(saved.description))];
    expect(found).toBe(right);
    await wal.close();
    before = last;
  }
  expect(before).toBeGreaterThan(200);
});

it('waits for the lock of a process that is just dying', async () => {
  await appendUntilKilled(50);
  const { wal, start } = await opened(folder, { segmentBytes: 64 * 1_024 });
  expect(start.hardState.term).toBe(1);
  await wal.close();
});
