import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';

type Run = {
  readonly process: ChildProcess;
  /** Resolves once a line of this event was written. */
  readonly seen: (msg: string) => Promise<void>;
  readonly end: Promise<{ readonly code: number | null; readonly events: readonly string[] }>;
  readonly entries: readonly Record<string, unknown>[];
};

/**
 * A process whose app starts as the script says; `scope` and `log` are in its reach. Its log is the
 * plainest there can be, as most of the time would go into loading the real one.
 */
function runScript(start: string, graceMs = 10_000): Run {
  const source = `
    import { writeSync } from 'node:fs';
    import { runApp } from ${JSON.stringify(new URL('run-app.ts', import.meta.url).href)};
    const event = (level) => (msg, { error, ...fields } = {}) =>
      writeSync(1, JSON.stringify({ level, msg, error: error?.message, ...fields }) + '\\n');
    const [debug, info, warn, error] = ['debug', 'info', 'warn', 'error'].map(event);
    const log = { debug, info, warn, error, flush: () => undefined };
    const serving = setInterval(() => undefined, 1_000);
    await runApp({ name: 'demo', log, graceMs: ${graceMs}, start: async (scope) => { ${start} } });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd: new URL('.', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const entries: Record<string, unknown>[] = [];
  const waiting = new Map<string, () => void>();
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const entry: Record<string, unknown> = JSON.parse(line);
      entries.push(entry);
      waiting.get(String(entry['msg']))?.();
    }
  });
  return {
    process: child,
    entries,
    seen: (msg) =>
      entries.some((entry) => entry['msg'] === msg)
        ? Promise.resolve()
        : new Promise((resolve) => waiting.set(msg, resolve)),
    end: once(child, 'close').then(([code]) => ({
      code,
      events: entries.map((entry) => String(entry['msg'])),
    })),
  };
}

const hooks = `
  scope.signal.addEventListener('abort', () => log.info('signal_aborted'));
  scope.onStop('first', () => log.info('first_stopped'));
  scope.onStop('second', async () => { await null; log.info('second_stopped'); });
`;
const orderly = [
  'app_stopping',
  'signal_aborted',
  'second_stopped',
  'first_stopped',
  'app_stopped',
];

describe('runApp', { timeout: 30_000 }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'stops in reverse order at %s, and ends with 0',
    async (signal) => {
      const run = runScript(hooks);
      await run.seen('app_started');
      run.process.kill(signal);
      expect(await run.end).toEqual({ code: 0, events: ['app_started', ...orderly] });
    },
  );

  it('ends at once at a second signal', async () => {
    const run = runScript(`scope.onStop('slow', () => new Promise(() => log.error('hook_runs')));`);
    await run.seen('app_started');
    run.process.kill('SIGTERM');
    await run.seen('hook_runs');
    run.process.kill('SIGTERM');
    expect(await run.end).toMatchObject({ code: 143 });
    expect(run.entries.at(-1)).toMatchObject({ msg: 'app_stopped_at_once', running_hook: 'slow' });
  });

  it('ends with 1 when the grace is over, and names the hook that took it', async () => {
    const run = runScript(`scope.onStop('slow', () => new Promise(() => undefined));`, 50);
    await run.seen('app_started');
    run.process.kill('SIGTERM');
    expect(await run.end).toMatchObject({ code: 1 });
    expect(run.entries.at(-1)).toMatchObject({
      msg: 'app_stop_deadline_exceeded',
      running_hook: 'slow',
    });
  });

  it('logs a failed start once, stops what was started, and ends with 1', async () => {
    const run = runScript(`${hooks} throw new Error('no database');`);
    const { code, events } = await run.end;
    expect(code).toBe(1);
    expect(events).toEqual(['app_start_failed', ...orderly.slice(1)]);
    expect(run.entries[0]).toMatchObject({ level: 'error', error: 'no database' });
  });

  it('stops in order, with 1, when a part dies', async () => {
    const run = runScript(`${hooks} setTimeout(() => scope.fail(new Error('relay died')), 1);`);
    const { code, events } = await run.end;
    expect(code).toBe(1);
    expect(events).toEqual(['app_started', 'app_part_failed', ...orderly.slice(1)]);
  });

  it('runs the other hooks where one fails, and still ends with 0', async () => {
    const run = runScript(`${hooks} scope.onStop('bad', () => { throw new Error('bad hook'); });`);
    await run.seen('app_started');
    run.process.kill('SIGTERM');
    const { code, events } = await run.end;
    expect(code).toBe(0);
    expect(events).toEqual(['app_started', ...orderly.toSpliced(2, 0, 'stop_hook_failed')]);
  });

  it('waits for a start that heeds the signal before it stops', async () => {
    const run = runScript(`
      log.error('start_waits');
      await new Promise((resolve) => scope.signal.addEventListener('abort', () => setTimeout(resolve, 20)));
      scope.onStop('late', () => log.info('late_stopped'));
    `);
    await run.seen('start_waits');
    run.process.kill('SIGTERM');
    expect(await run.end).toEqual({
      code: 0,
      events: ['start_waits', 'app_stopping', 'late_stopped', 'app_stopped'],
    });
  });

  it.each([
    ['an exception', `setTimeout(() => { throw new Error('nobody caught'); }, 1);`],
    ['a rejection', `setTimeout(() => void Promise.reject(new Error('nobody caught')), 1);`],
  ])('logs %s that nobody caught once, and ends with 1', async (_, start) => {
    const run = runScript(start);
    const { code, events } = await run.end;
    expect(code).toBe(1);
    expect(events).toEqual(['app_started', 'app_crashed']);
    expect(run.entries[1]).toMatchObject({ error: 'nobody caught' });
  });
});
