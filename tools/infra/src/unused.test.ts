import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { markUsed, removeUnused, unusedMsMax } from './unused.ts';

const nowMs = Date.UTC(2031, 0, 31);
const dayMs = 86_400_000;
const current = `infra-${'0'.repeat(16)}`;
const other = `infra-${'1'.repeat(16)}`;

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'windlass-unused-'));
});
afterEach(() => rmSync(cache, { recursive: true }));

function build(name: string, usedMs: number): string {
  const folder = join(cache, name);
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'bin/servers'), '');
  utimesSync(folder, usedMs / 1000, usedMs / 1000);
  return folder;
}

describe('removeUnused', () => {
  it('removes what was used too long ago, whole or broken off, and nothing else', () => {
    const longAgo = nowMs - unusedMsMax - 1_000;
    const currentFolder = build(current, longAgo);
    const gone = [
      build(other, longAgo),
      build(`${other}.building-7`, longAgo),
      build(`${other}.removing-8`, longAgo),
    ];
    build(`infra-${'2'.repeat(16)}`, nowMs - 13 * dayMs);
    build(`infra-${'2'.repeat(16)}.building-9`, nowMs);
    build('infra-of-mine', longAgo);
    build('testkit', longAgo);
    const kept = [current, `infra-${'2'.repeat(16)}`, `infra-${'2'.repeat(16)}.building-9`];
    expect(removeUnused(currentFolder, nowMs)).toEqual(gone);
    expect(readdirSync(cache).toSorted()).toEqual([...kept, 'infra-of-mine', 'testkit'].toSorted());
    expect(removeUnused(currentFolder, nowMs)).toEqual([]);
  });

  it('keeps what was marked as used', () => {
    const folder = build(other, 0);
    markUsed(folder, nowMs);
    expect(removeUnused(build(current, 0), nowMs + 14 * dayMs)).toEqual([]);
    expect(removeUnused(build(current, 0), nowMs + 14 * dayMs + 1_000)).toEqual([folder]);
  });

  it('keeps what a process runs from, for as long as it does', async () => {
    const folder = build(other, 0);
    cpSync('/bin/sleep', join(folder, 'bin/etcd'));
    const server = spawn(join(folder, 'bin/etcd'), ['60']);
    await once(server, 'spawn');
    expect(removeUnused(build(current, 0), nowMs)).toEqual([]);
    server.kill('SIGKILL');
    await once(server, 'exit');
    expect(removeUnused(build(current, 0), nowMs)).toEqual([folder]);
  });
});
