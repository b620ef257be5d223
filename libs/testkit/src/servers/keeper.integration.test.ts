import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { temporaryFolder } from '../run/folder.ts';
import { plainEnv, startProcess } from './keeper.ts';
import { endLeftovers } from './leftovers.ts';
import { isFree } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { processStart, processTree } from './process-tree.ts';

type OwnedServer = { readonly folder: string; readonly pid: number; readonly port: number };

const owners: ChildProcess[] = [];

afterEach(() => {
  for (const owner of owners.splice(0)) owner.kill('SIGKILL');
});

/** Another process that owns a PostgreSQL, as a test run or the local stack does. */
async function startOwner(): Promise<{ owner: ChildProcess; server: OwnedServer }> {
  const file = fileURLToPath(new URL('keeper-owner.fixture.ts', import.meta.url));
  const owner = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  owners.push(owner);
  const [line] = await once(createInterface({ input: owner.stdout }), 'line');
  const server: OwnedServer = JSON.parse(line);
  return { owner, server };
}

function parentOf(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
}

async function expectGone(pids: readonly number[]): Promise<void> {
  await eventually(() => expect(pids.filter((pid) => processStart(pid) !== null)).toEqual([]));
}

describe('a keeper', () => {
  it('ends the servers, and removes their folder, when the owner is killed', async () => {
    const { owner, server } = await startOwner();
    const tree = processTree(server.pid);
    expect(tree.length).toBeGreaterThan(3);
    const keeper = parentOf(server.pid);
    owner.kill('SIGKILL');
    await expectGone([...tree, keeper]);
    expect(existsSync(server.folder)).toBe(false);
    expect(await isFree(server.port)).toBe(true);
  });

  it('ends a server that is paused, too', async () => {
    const { owner, server } = await startOwner();
    const tree = processTree(server.pid);
    expect(tree.length).toBeGreaterThan(3);
    for (const pid of tree) process.kill(pid, 'SIGSTOP');
    owner.kill('SIGKILL');
    await expectGone(tree);
  });

  it('leaves signals to the owner, and is outlived by no server when it is killed', async () => {
    const folder = temporaryFolder();
    const server = await startPostgres({
      dataDir: join(folder.path, 'data'),
      logFile: join(folder.path, 'log'),
      port: 0,
      durable: false,
    });
    const tree = processTree(server.process.pid);
    const keeper = parentOf(server.process.pid);
    process.kill(keeper, 'SIGTERM');
    process.kill(keeper, 'SIGINT');
    expect(await isFree(server.port)).toBe(false);
    process.kill(keeper, 'SIGKILL');
    await server.process.exited;
    await expectGone(tree);
    folder.remove();
  });

  it('is made up for by pid files when owner and keeper are killed at once', async () => {
    const { owner, server } = await startOwner();
    const tree = processTree(server.pid);
    await expect(endLeftovers(join(server.folder, 'data'))).rejects.toThrow(/runs already/);
    const keeper = parentOf(server.pid);
    process.kill(keeper, 'SIGSTOP');
    owner.kill('SIGKILL');
    process.kill(keeper, 'SIGKILL');
    await expectGone([keeper]);
    expect(processStart(server.pid)).not.toBe(null);
    await endLeftovers(join(server.folder, 'data'));
    await expectGone(tree);
    expect(existsSync(join(server.folder, 'data/postgres.pid'))).toBe(false);
    execFileSync('rm', ['-r', server.folder]);
  });

  it('says what a program that fails has printed', async () => {
    const folder = temporaryFolder();
    const start = startPostgres({
      dataDir: join(folder.path, 'data'),
      logFile: join(folder.path, 'log'),
      port: 1,
      durable: false,
    });
    await expect(start).rejects.toThrow(/postgres ended while it started\n.*could not bind/s);
    folder.remove();
  });

  it('kills a program that ignores being asked, after its deadline', async () => {
    const folder = temporaryFolder();
    const server = await startProcess({
      name: 'stubborn',
      command: 'sh',
      args: ['-c', 'trap "" TERM; echo up; while :; do sleep 1; done'],
      env: plainEnv(),
      workDir: folder.path,
      logFile: join(folder.path, 'log'),
      pidFile: join(folder.path, 'stubborn.pid'),
      stopSignal: 'SIGTERM',
      stopDeadlineMs: 300,
    });
    // It says so once it ignores the signal; the file itself is there before.
    await eventually(() => expect(readFileSync(join(folder.path, 'log'), 'utf8')).toBe('up\n'));
    expect(await server.stop()).toEqual({ code: null, signal: 'SIGKILL' });
    folder.remove();
  });

  it('refuses a program that is not there', async () => {
    const folder = temporaryFolder();
    const start = startProcess({
      name: 'absent',
      command: join(folder.path, 'absent'),
      args: [],
      env: plainEnv(),
      workDir: folder.path,
      logFile: join(folder.path, 'log'),
      pidFile: join(folder.path, 'absent.pid'),
      stopSignal: 'SIGTERM',
      stopDeadlineMs: 300,
    });
    await expect(start).rejects.toThrow(/absent can't be started: .*ENOENT/);
    folder.remove();
  });
});
