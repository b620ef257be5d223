/**
 * Faults on the stack's processes: ended, kept down, or stopped for a while as if the machine stood
 * still. Each copy of an app has its own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { appOfComponent } from '@windlass/tool-stack';
import type { Fault } from './fault.ts';
import { nothingToUndo } from './fault.ts';

/** How a process is ended: at once, or asked to. PostgreSQL takes SIGTERM as "when all have left". */
type Ending = { readonly hard: 'SIGKILL'; readonly soft: 'SIGTERM' | 'SIGINT' };
const usual: Ending = { hard: 'SIGKILL', soft: 'SIGTERM' };

export type Span = { readonly min: number; readonly max: number };

type Target = {
  readonly component: string;
  /** Weight of its ends, of its freezes, and of being kept down; 0: none. */
  readonly kill: number;
  readonly freeze: number;
  readonly down: number;
  readonly freezeMs: Span;
  /** Past the end of its claims, and begun while it is busy: it wakes up in the middle of a write. */
  readonly isLate: boolean;
  readonly isOutage: boolean;
  readonly ending: Ending;
};

const seconds = (min: number, max: number): Span => ({ min: min * 1_000, max: max * 1_000 });

/** Longer than a worker's claim on a revision (30 s): it writes after it has lost it. */
const pastTheLease = seconds(32, 40);
const brief = seconds(2, 8);

const target = { kill: 0, freeze: 0, down: 0, freezeMs: brief, isLate: false, ending: usual };
const app = { ...target, kill: 2, freeze: 1, isOutage: false };

/** Of a server, and of all apps that are the only one of their kind, an outage. */
function targetsOf(own: readonly string[], awayMs: Span): readonly Target[] {
  const server = { ...target, kill: 1, freeze: 1, down: 1, freezeMs: awayMs, isOutage: true };
  const workers = own.filter((name) => appOfComponent(name) === 'worker');
  const watchers = own.filter((name) => appOfComponent(name) === 'watcher');
  const lateMs = { min: pastTheLease.min, max: Math.max(pastTheLease.max, awayMs.max) };
  return [
    { ...app, component: 'api' },
    ...workers.map((component) => ({ ...app, component, kill: 3 })),
    ...watchers.map((component) => ({ ...app, component })),
    ...workers.map((component) => ({
      ...target,
      component,
      freeze: 1,
      freezeMs: lateMs,
      isLate: true,
      // Where another worker goes on, it may have carried out what this one wakes up to write.
      isOutage: workers.length === 1,
    })),
    { ...server, component: 'nats' },
    { ...server, component: 'postgres', ending: { hard: 'SIGKILL', soft: 'SIGINT' } },
    { ...server, component: 'kube-apiserver' },
    { ...target, component: 'etcd', kill: 1, isOutage: true },
    { ...target, component: 'kube-controller-manager', kill: 1, isOutage: false },
  ];
}

/** A process that was asked to end and hasn't by now is ended. */
const graceMs = seconds(10, 15);
/** As likely as not a crash; else an orderly end, which takes other paths. */
const hardProbability = 0.6;

/** From a burst of calls to the worker's being busy with some, and not yet done with all. */
const amidWorkMs = { min: 20, max: 200 };
/** How soon a server that is to stay down is ended again after the supervisor has started it. */
const downPollMs = 250;

/**
 * @param own names of the components that are processes of the stack
 * @param awayMs how long a server is frozen or kept down
 */
export function processFaults(own: readonly string[], awayMs: Span): readonly Fault[] {
  return targetsOf(own, awayMs)
    .filter(({ component }) => own.includes(component))
    .flatMap((each) => [
      ...(each.kill > 0 ? [killFault(each)] : []),
      ...(each.freeze > 0 ? [freezeFault(each)] : []),
      ...(each.down > 0 ? [downFault(each, awayMs)] : []),
    ]);
}

function killFault({ component, kill, isOutage, ending }: Target): Fault {
  return {
    name: `kill ${component}`,
    weight: kill,
    holdMs: graceMs,
    isOutage,
    component,
    inject: (context, random) => {
      const signal = random.chance(hardProbability) ? ending.hard : ending.soft;
      const signalled = context.processes.signal(component, signal);
      if (signalled === null) {
        context.note(`${component} isn't running`);
        return Promise.resolve(nothingToUndo);
      }
      context.note(`${signal} to ${component}, pid ${signalled.pid}`);
      return Promise.resolve(() => {
        if (signalled.endIfAlive()) context.note(`${component} had not ended: SIGKILL`);
        return Promise.resolve();
      });
    },
  };
}

/** Connections are refused at once, where a frozen server only says nothing. */
function downFault({ component, down, isOutage }: Target, holdMs: Span): Fault {
  return {
    name: `keep ${component} down`,
    weight: down,
    holdMs,
    isOutage,
    component,
    inject: ({ processes, note }) => {
      let kills = 0;
      const strike = () => {
        if (processes.signal(component, 'SIGKILL') !== null) kills += 1;
      };
      strike();
      const timer = setInterval(strike, downPollMs);
      note(`SIGKILL to ${component} whenever it runs`);
      return Promise.resolve(() => {
        clearInterval(timer);
        note(`${component} may start again, after ${kills} ends`);
        return Promise.resolve();
      });
    },
  };
}

function freezeFault({ component, freeze, freezeMs, isLate, isOutage }: Target): Fault {
  return {
    name: `freeze ${component}${isLate ? ' past its lease' : ''}`,
    weight: freeze,
    holdMs: freezeMs,
    isOutage,
    component,
    inject: async (context, random) => {
      if (isLate) {
        context.stir();
        await sleep(random.integer(amidWorkMs.min, amidWorkMs.max));
      }
      const frozen = context.processes.freeze(component, freezeMs.max);
      if (frozen === null) {
        context.note(`${component} isn't running`);
        return nothingToUndo;
      }
      context.note(`SIGSTOP to ${component}, pid ${frozen.pid}`);
      return () => {
        frozen.thaw();
        context.note(`SIGCONT to ${component}, pid ${frozen.pid}`);
        return Promise.resolve();
      };
    },
  };
}
