/**
 * Keeps components running: starts them in the order of their needs, gates each on its probe,
 * starts again what ends, and stops everything in the opposite order.
 *
 * One loop per component, in keep.ts. They share nothing but the statuses here, which only their
 * own loop changes.
 */
import type { Clock, Random } from '@windlass/base';
import { ComponentState, type ComponentStatus } from '../state/state-file.ts';
import { createChanges } from './changes.ts';
import type { Component } from './component.ts';
import { keep } from './keep.ts';
import type { RestartPolicy } from './restart-policy.ts';

/** Why a component is not to run now, though its needs are met. */
export type Hold = {
  readonly state: typeof ComponentState.Foreground | typeof ComponentState.Off;
  readonly reason: string;
};

export type SuperviseOptions = {
  readonly components: readonly Component[];
  readonly policy: RestartPolicy;
  /** How often a running component is probed, in milliseconds. */
  readonly probeIntervalMs: number;
  readonly clock: Clock;
  readonly random: Pick<Random, 'next'>;
  /** Whether something else looks after the component. Asked again after each `wake`. */
  readonly holdOf: (name: string) => Hold | null;
  /** Called at once after each change, before anything is built upon it. */
  readonly onChange: (statuses: readonly ComponentStatus[]) => void;
  /** A line for the supervisor's log. */
  readonly note: (component: Component, line: string) => void;
};

export type Supervision = {
  /** Looks at the holds again. */
  readonly wake: () => void;
  /** Stops everything; settles when all loops have ended. */
  readonly stop: () => Promise<void>;
};

const readyStates: ReadonlySet<ComponentState> = new Set([
  ComponentState.Running,
  ComponentState.Unready,
  ComponentState.Done,
  ComponentState.External,
]);

export function supervise(options: SuperviseOptions): Supervision {
  const { components, onChange } = options;
  const statuses = new Map(components.map((each) => [each.name, firstStatus(each)]));
  const live = new Set(components.map((each) => each.name));
  const changes = createChanges();
  let stopping = false;

  const isReady = (name: string) => {
    const status = statuses.get(name);
    return status !== undefined && readyStates.has(status.state);
  };
  const loops = components.map(async (component) => {
    const dependents = components.filter((each) => each.after.includes(component.name));
    await keep(component, {
      ...options,
      changes,
      isStopping: () => stopping,
      missing: () => component.after.filter((name) => !isReady(name)),
      dependentsLive: () => dependents.some((each) => live.has(each.name)),
      update: (change) => {
        const before = statuses.get(component.name) ?? firstStatus(component);
        statuses.set(component.name, { ...before, ...change });
        onChange([...statuses.values()]);
        changes.notify();
      },
    });
    live.delete(component.name);
    changes.notify();
  });

  return {
    wake: () => changes.notify(),
    stop: async () => {
      stopping = true;
      changes.notify();
      await Promise.all(loops);
    },
  };
}

function firstStatus(component: Component): ComponentStatus {
  return {
    name: component.name,
    state: ComponentState.Waiting,
    process: null,
    port: component.port,
    startedAtMs: null,
    tookMs: null,
    restarts: 0,
    startFailures: 0,
    reason: null,
    logFile: component.logFile,
  };
}
