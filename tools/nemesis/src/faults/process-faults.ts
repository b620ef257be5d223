/** Faults on the stack's processes: ended, or stopped for a while as if the machine stood still. */
import type { Fault } from './fault.ts';
import { nothingToUndo } from './fault.ts';

/** How a process is ended: at once, or asked to. PostgreSQL takes SIGTERM as "when all have left". */
type Ending = { readonly hard: 'SIGKILL'; readonly soft: 'SIGTERM' | 'SIGINT' };
const usual: Ending = { hard: 'SIGKILL', soft: 'SIGTERM' };

type Target = {
  readonly component: string;
  /** Weight of its ends, and of its freezes; 0: none. */
  readonly kill: number;
  readonly freeze: number;
  readonly freezeMs: { readonly min: number; readonly max: number };
  readonly isOutage: boolean;
  readonly ending: Ending;
};

const seconds = (min: number, max: number) => ({ min: min * 1_000, max: max * 1_000 });

/** Longer than a worker's claim on a revision (30 s): it writes after it has lost it. */
const pastTheLease = seconds(32, 40);
const away = seconds(5, 40);
const brief = seconds(2, 8);

const app = { kill: 2, freeze: 1, freezeMs: brief, isOutage: false, ending: usual };
const server = { kill: 1, freeze: 1, freezeMs: away, isOutage: true, ending: usual };

const targets: readonly Target[] = [
  { ...app, component: 'api' },
  { ...app, component: 'worker', kill: 3 },
  { ...app, component: 'watcher' },
  { ...app, component: 'worker', kill: 0, freezeMs: pastTheLease, isOutage: true },
  { ...server, component: 'nats' },
  { ...server, component: 'postgres', ending: { hard: 'SIGKILL', soft: 'SIGINT' } },
  { ...server, component: 'kube-apiserver' },
  { ...server, component: 'etcd', freeze: 0 },
  { ...server, component: 'kube-controller-manager', freeze: 0, isOutage: false },
];

/** A process that was asked to end and hasn't by now is ended. */
const graceMs = seconds(10, 15);
/** As likely as not a crash; else an orderly end, which takes other paths. */
const hardProbability = 0.6;

/** @param own names of the components that are processes of the stack */
export function processFaults(own: readonly string[]): readonly Fault[] {
  return targets
    .filter(({ component }) => own.includes(component))
    .flatMap((target) => [
      ...(target.kill > 0 ? [killFault(target)] : []),
      ...(target.freeze > 0 ? [freezeFault(target)] : []),
    ]);
}

function killFault({ component, kill, isOutage, ending }: Target): Fault {
  return {
    name: `kill ${component}`,
    weight: kill,
    holdMs: graceMs,
    isOutage,
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

function freezeFault({ component, freeze, freezeMs, isOutage }: Target): Fault {
  const isLong = freezeMs === pastTheLease;
  return {
    name: `freeze ${component}${isLong ? ' past its lease' : ''}`,
    weight: freeze,
    holdMs: freezeMs,
    isOutage,
    inject: (context) => {
      const frozen = context.processes.freeze(component, freezeMs.max);
      if (frozen === null) {
        context.note(`${component} isn't running`);
        return Promise.resolve(nothingToUndo);
      }
      context.note(`SIGSTOP to ${component}, pid ${frozen.pid}`);
      return Promise.resolve(() => {
        frozen.thaw();
        context.note(`SIGCONT to ${component}, pid ${frozen.pid}`);
        return Promise.resolve();
      });
    },
  };
}
