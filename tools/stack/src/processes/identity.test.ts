import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { endProcess, gone, send } from './end.ts';
import { identify, isAlive, ownIdentity, parseProcStat } from './identity.ts';
import { carriesMarker } from './marker.ts';

const stat = (name: string, state: string) =>
  `77 (${name}) ${state} 1 77 77 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1000 10 184\n`;

describe('parseProcStat', () => {
  it('reads the start time', () => {
    expect(parseProcStat(stat('node', 'S'))).toBe(987_654);
  });

  it('is not misled by a name with spaces and parentheses', () => {
    expect(parseProcStat(stat('a) Z 1 (b', 'R'))).toBe(987_654);
  });

  it('counts a zombie as gone', () => {
    expect(parseProcStat(stat('node', 'Z'))).toBeNull();
  });

  it('gives nothing for what it cannot read', () => {
    expect(parseProcStat('')).toBeNull();
  });
});

describe('a process identity', () => {
  it('names this process, and stays the same', () => {
    expect(ownIdentity()).toEqual(identify(process.pid));
    expect(isAlive(ownIdentity())).toBe(true);
  });

  it('is never another process that got the pid', () => {
    const recycled = { pid: process.pid, startTime: `${ownIdentity().startTime}0` };
    expect(isAlive(recycled)).toBe(false);
    expect(send(recycled, 'SIGTERM')).toBe(false);
  });

  it('refuses pids that are no process: 0 and -1 would signal whole groups', () => {
    expect([0, -1, 1, 1.5, Number.NaN].map(identify)).toEqual([null, null, null, null, null]);
  });

  it('ends with the process', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const identity = identify(child.pid ?? 0);
    expect(identity).not.toBeNull();
    if (identity === null) return;
    expect(await endProcess(identity, { graceMs: 5_000 })).toBe('ended');
    expect(await gone(identity, 0)).toBe(true);
    expect(await endProcess(identity, { graceMs: 0 })).toBe('was-gone');
  });

  it('is killed when it ignores the signal', async () => {
    const script =
      "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')";
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    const identity = identify(child.pid ?? 0);
    expect(identity && (await endProcess(identity, { graceMs: 50 }))).toBe('killed');
  });
});

describe('carriesMarker', () => {
  const environ = 'A=1\0WINDLASS_STACK_FOLDER=/x/.windlass/b\0Z=2\0';
  it('compares the whole value', () => {
    expect(carriesMarker(environ, '/x/.windlass/b')).toBe(true);
    expect(carriesMarker(environ, '/x/.windlass/')).toBe(false);
    expect(carriesMarker(environ, '/x/.windlass/b2')).toBe(false);
  });
});
