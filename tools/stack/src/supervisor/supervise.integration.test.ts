/** The supervisor's loop with real processes: what a component of the stack is in production. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, systemClock } from '@windlass/base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { spawnInstance } from '../components/spawned.ts';
import { endLeftoversOf, findLeftovers } from '../processes/clean-up.ts';
import { isAlive, type ProcessIdentity } from '../processes/identity.ts';
import { findMarked, stackMarker } from '../processes/marker.ts';
import { makeStackFolder, type StackFolder, stackFolder } from '../state/folder.ts';
import { ComponentState, type ComponentStatus } from '../state/state-file.ts';
import type { Component } from './component.ts';
import { supervise } from './supervise.ts';

let repository: string;
let folder: StackFolder;

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'stack-'));
  folder = stackFolder('test', repository);
  makeStackFolder(folder);
});

afterEach(() => rmSync(repository, { recursive: true, force: true }));

function program(name: string, script: string, graceMs = 2_000): Component {
  const file = join(repository, `${name}.mjs`);
  const logFile = join(folder.logs, `${name}.log`);
  writeFileSync(file, script);
  return {
    name,
    after: [],
    port: null,
    logFile,
    runs: 'always',
    external: false,
    readyDeadlineMs: 10_000,
    launch: () =>
      spawnInstance({
        command: process.execPath,
        args: [file],
        cwd: repository,
        env: { [stackMarker]: folder.path },
        logFile,
        graceMs,
      }),
    probe: () =>
      Promise.resolve(readFileSync(logFile, 'utf8').includes('up') ? null : 'says nothing yet'),
  };
}

function start(components: Component[]) {
  let statuses: readonly ComponentStatus[] = [];
  const notes: string[] = [];
  const waiting = new Set<() => void>();
  const supervision = supervise({
    components,
    policy: { initialMs: 20, maxMs: 40, stableMs: 60_000 },
    probeIntervalMs: 50,
    clock: systemClock,
    random: seededRandom(1),
    holdOf: () => null,
    onChange: (next) => {
      statuses = next;
      for (const look of waiting) look();
    },
    note: (component, line) => notes.push(`${component.name}: ${line}`),
  });
  const until = (condition: (status: ComponentStatus) => boolean) =>
    new Promise<ComponentStatus>((resolve) => {
      const look = () => {
        const [status] = statuses;
        if (status === undefined || !condition(status)) return;
        waiting.delete(look);
        resolve(status);
      };
      waiting.add(look);
      look();
    });
  return { supervision, notes, until };
}

const stayingScript = "console.log('up'); setInterval(() => {}, 1000);";
const crashingScript = "console.log('up'); setTimeout(() => process.exit(7), 20);";
const ignoringScript = `process.on('SIGTERM', () => {}); ${stayingScript}`;

describe('supervised processes', () => {
  it('are started again with the reason of their end, and nothing is left after a stop', async () => {
    const stack = start([program('crashing', crashingScript)]);
    const status = await stack.until(({ restarts, process }) => restarts >= 2 && process !== null);
    expect(status.process).not.toBeNull();
    const ends = stack.notes.filter((note) => note.includes('starts again'));
    expect(ends[0]).toMatch(/^crashing: exit code 7; starts again in 0\.0 s \(restart 1\)$/);
    await stack.supervision.stop();
    expect(findMarked(folder.path)).toEqual([]);
  });

  it('come back after SIGKILL, as another process', async () => {
    const stack = start([program('app', stayingScript)]);
    const first = await stack.until(({ state }) => state === ComponentState.Running);
    process.kill(first.process?.pid ?? 0, 'SIGKILL');
    const second = await stack.until(
      ({ state, process: now }) =>
        state === ComponentState.Running && now?.pid !== first.process?.pid,
    );
    expect(second.restarts).toBe(1);
    expect(stack.notes.some((note) => note.includes('killed by SIGKILL'))).toBe(true);
    await stack.supervision.stop();
    expect(second.process && isAlive(second.process)).toBe(false);
  });

  it('are killed where they ignore the request to end', async () => {
    const stack = start([program('stubborn', ignoringScript, 100)]);
    const { process: identity } = await stack.until(
      ({ state }) => state === ComponentState.Running,
    );
    await stack.supervision.stop();
    expect(identity && isAlive(identity)).toBe(false);
  });

  it('are not ready where the program does not exist', async () => {
    const broken: Component = {
      ...program('broken', stayingScript),
      launch: () =>
        spawnInstance({
          command: join(repository, 'missing'),
          args: [],
          cwd: repository,
          env: {},
          logFile: join(folder.logs, 'broken.log'),
          graceMs: 100,
        }),
    };
    const stack = start([broken]);
    const status = await stack.until(({ startFailures }) => startFailures >= 1);
    expect(status.reason).toMatch(/ENOENT/);
    await stack.supervision.stop();
  });
});

/** The marker is read from /proc. */
describe.runIf(process.platform === 'linux')('what a dead supervisor left', () => {
  it('is found by its mark alone, and ended', async () => {
    const lost = await program('lost', stayingScript).launch(new AbortController().signal);
    const found = findLeftovers(folder, null);
    expect(found.map(({ pid }) => pid)).toEqual([lost.process?.pid]);
    expect(await endLeftoversOf(folder, found)).toEqual([]);
    expect((await lost.exited).reason).toBe('killed by SIGTERM');
    expect(findLeftovers(folder, null)).toEqual([]);
  });

  it('is never a process of another stack, or one that has the pid now', async () => {
    const other = stackFolder('test-b', repository);
    const lost = await program('lost', stayingScript).launch(new AbortController().signal);
    expect(findLeftovers(other, null)).toEqual([]);
    const recycled: ProcessIdentity = { pid: lost.process?.pid ?? 0, startTime: 'another' };
    expect(await endLeftoversOf(other, [{ ...recycled, name: 'app', inTerminal: false }])).toEqual(
      [],
    );
    expect(lost.process && isAlive(lost.process)).toBe(true);
    await lost.stop();
  });
});
