import { seededRandom, systemClock } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { ComponentState, type ComponentStatus } from '../state/state-file.ts';
import type { Component, Exit } from './component.ts';
import { type Hold, supervise } from './supervise.ts';

/** A component without a process: the test decides when it's ready and when it ends. */
function fake(
  name: string,
  after: string[] = [],
  { moves = [], ...more }: Partial<Component> & { moves?: string[] } = {},
) {
  const events: string[] = [];
  let end: ((exit: Exit) => void) | null = null;
  let problem: string | null = null;
  const component: Component = {
    name,
    after,
    port: null,
    logFile: `${name}.log`,
    runs: 'always',
    external: false,
    readyDeadlineMs: 5_000,
    launch: () => {
      events.push('launch');
      moves.push(`launch ${name}`);
      const exited = new Promise<Exit>((resolve) => {
        end = resolve;
      });
      const stop = () => {
        events.push('stop');
        moves.push(`stop ${name}`);
        end?.({ clean: true, reason: 'exit code 0' });
        return Promise.resolve();
      };
      return Promise.resolve({ process: null, exited, stop });
    },
    probe: () => Promise.resolve(problem),
    ...more,
  };
  return {
    component,
    events,
    end: (reason: string, clean = false) => end?.({ clean, reason }),
    setProblem: (reason: string | null) => {
      problem = reason;
    },
  };
}

function start(components: Component[], holdOf: (name: string) => Hold | null = () => null) {
  let statuses: readonly ComponentStatus[] = [];
  const notes: string[] = [];
  const trail: string[] = [];
  const waiting = new Set<() => void>();
  const supervision = supervise({
    components,
    policy: { initialMs: 1, maxMs: 4, stableMs: 60_000 },
    probeIntervalMs: 5,
    clock: systemClock,
    random: seededRandom(1),
    holdOf,
    onChange: (next) => {
      for (const status of next) {
        const line = `${status.name} ${status.state}`;
        const before = statuses.find((each) => each.name === status.name);
        if (before?.state !== status.state) trail.push(line);
      }
      statuses = next;
      for (const look of waiting) look();
    },
    note: (component, line) => notes.push(`${component.name}: ${line}`),
  });
  const of = (name: string) => statuses.find((each) => each.name === name);
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => condition() && waiting.delete(look) && resolve();
      waiting.add(look);
      look();
    });
  const state = (name: string, wanted: ComponentState) => until(() => of(name)?.state === wanted);
  return { supervision, notes, trail, of, until, state };
}

const { Running, Waiting, Unready, Done, Off, Stopped, External } = ComponentState;

describe('supervise', () => {
  it('starts what is needed first and stops it last', async () => {
    const moves: string[] = [];
    const database = fake('database', [], { moves });
    const app = fake('app', ['database'], { moves });
    const stack = start([app.component, database.component]);
    await stack.state('app', Running);
    await stack.supervision.stop();
    expect(moves).toEqual(['launch database', 'launch app', 'stop app', 'stop database']);
    const ends = stack.trail.filter((line) => line.endsWith('stopped'));
    expect(ends).toEqual(['app stopped', 'database stopped']);
  });

  it('does not start what needs something that is not ready', async () => {
    const database = fake('database');
    database.setProblem('recovering');
    const app = fake('app', ['database']);
    const stack = start([database.component, app.component]);
    await stack.state('app', Waiting);
    expect(stack.of('app')?.reason).toBe('needs database');
    expect(app.events).toEqual([]);
    database.setProblem(null);
    await stack.state('app', Running);
    await stack.supervision.stop();
  });

  it('starts again what ends, and says why it ended', async () => {
    const app = fake('app');
    const stack = start([app.component]);
    await stack.state('app', Running);
    app.end('killed by SIGKILL');
    await stack.until(() => stack.of('app')?.restarts === 1 && stack.of('app')?.state === Running);
    expect(app.events).toEqual(['launch', 'launch']);
    const line = stack.notes.find((note) => note.includes('starts again'));
    expect(line).toMatch(/^app: killed by SIGKILL; starts again in 0\.0 s \(restart 1\)$/);
    await stack.supervision.stop();
  });

  it('counts the starts that failed until one succeeds', async () => {
    let launches = 0;
    const app = fake('app');
    const failing = { ...app.component };
    const component: Component = {
      ...failing,
      launch: (signal) => {
        launches += 1;
        if (launches <= 3) return Promise.reject(new Error(`no luck\nand more`));
        return failing.launch(signal);
      },
    };
    const stack = start([component]);
    await stack.until(() => stack.of('app')?.startFailures === 3);
    expect(stack.of('app')?.reason).toBe('no luck');
    await stack.state('app', Running);
    expect(stack.of('app')).toMatchObject({ startFailures: 0, restarts: 3, reason: null });
    await stack.supervision.stop();
  });

  it('ends and starts again what does not become ready in time', async () => {
    const app = fake('app', [], { readyDeadlineMs: 0 });
    app.setProblem('still loading');
    const stack = start([app.component]);
    await stack.until(() => (stack.of('app')?.startFailures ?? 0) >= 2);
    expect(stack.of('app')?.reason).toBe('not ready 0 s after its start: still loading');
    expect(app.events.slice(0, 3)).toEqual(['launch', 'stop', 'launch']);
    await stack.supervision.stop();
  });

  it('shows what runs and is not ready, without ending it', async () => {
    const app = fake('app');
    const stack = start([app.component]);
    await stack.state('app', Running);
    app.setProblem('database is away');
    await stack.state('app', Unready);
    expect(stack.of('app')?.reason).toBe('database is away');
    app.setProblem(null);
    await stack.state('app', Running);
    expect(app.events).toEqual(['launch']);
    await stack.supervision.stop();
  });

  it('takes a clean end for ready where a component runs once', async () => {
    const migrations = fake('migrations', [], { runs: 'once' });
    const app = fake('app', ['migrations']);
    const stack = start([migrations.component, app.component]);
    await stack.until(() => migrations.events.length === 1);
    await stack.state('app', Waiting);
    migrations.end('exit code 0', true);
    await stack.state('app', Running);
    expect(stack.of('migrations')?.state).toBe(Done);
    await stack.supervision.stop();
    expect(migrations.events).toEqual(['launch']);
  });

  it('runs it once more where its end was not clean', async () => {
    const migrations = fake('migrations', [], { runs: 'once' });
    const stack = start([migrations.component]);
    await stack.until(() => migrations.events.length === 1);
    migrations.end('exit code 3');
    await stack.until(() => migrations.events.length === 2);
    expect(stack.of('migrations')?.restarts).toBe(1);
    await stack.supervision.stop();
  });

  it('leaves alone what somebody else looks after, and takes it back', async () => {
    let hold: Hold | null = { state: Off, reason: 'not asked for' };
    const app = fake('app');
    const stack = start([app.component], () => hold);
    await stack.state('app', Off);
    expect(app.events).toEqual([]);
    hold = null;
    stack.supervision.wake();
    await stack.state('app', Running);
    hold = { state: Off, reason: 'not asked for' };
    stack.supervision.wake();
    await stack.state('app', Off);
    expect(app.events).toEqual(['launch', 'stop']);
    await stack.supervision.stop();
  });

  it('stops in the middle of a start', async () => {
    let aborted = false;
    const app = fake('app', [], {
      launch: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(new Error('aborted'));
          });
        }),
    });
    const stack = start([app.component]);
    await stack.state('app', ComponentState.Starting);
    await stack.supervision.stop();
    expect(aborted).toBe(true);
    expect(stack.of('app')?.state).toBe(Stopped);
  });

  it('ends what a launch gave although it was told to stop', async () => {
    const app = fake('app');
    const component: Component = {
      ...app.component,
      launch: (signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(app.component.launch(signal)));
        }),
    };
    const stack = start([component]);
    await stack.state('app', ComponentState.Starting);
    await stack.supervision.stop();
    expect(app.events).toEqual(['launch', 'stop']);
  });

  it('shows an external one as such', async () => {
    const stack = start([fake('database', [], { external: true }).component]);
    await stack.state('database', External);
    await stack.supervision.stop();
    expect(stack.trail).toEqual([
      'database starting',
      'database external',
      'database stopping',
      'database stopped',
    ]);
  });
});
