/**
 * What the probes ask. Liveness: is a part of this process itself dead (a restart would help)?
 * Readiness: can it do its work now (are the things it depends on there)?
 */
import { assert } from '@windlass/base';
import { withDeadline } from './deadline.ts';

/** Healthy when it returns or resolves; the error says why not. */
export type HealthCheck = () => unknown;

export type ComponentHealth =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: unknown };

export type HealthReport = {
  /** True when every component but the optional ones is ok; also where there is none. */
  readonly ok: boolean;
  /** By name, sorted; the optional ones too. */
  readonly components: Readonly<Record<string, ComponentHealth>>;
};

export type Health = {
  /** Adds a part of this process. Names are unique. */
  readonly liveness: (name: string, check: HealthCheck) => void;
  /** Adds something that the process depends on. Names are unique. */
  readonly readiness: (name: string, check: HealthCheck) => void;
  /**
   * Adds something that the process does without for a while: readiness shows its state and doesn't
   * fail with it. Names are unique, also among the others of readiness.
   */
  readonly optional: (name: string, check: HealthCheck) => void;
  /**
   * Not ready, with a component `start`, until the function that is returned is called: for a process
   * that answers its probes before the rest of it has started.
   */
  readonly starting: () => () => void;
  readonly live: () => Promise<HealthReport>;
  readonly ready: () => Promise<HealthReport>;
};

/** A check that takes longer counts as failed. Below the 1 s that Kubernetes waits by default. */
export const healthCheckDeadlineMs = 900;

type Check = { readonly run: () => Promise<unknown>; readonly isOptional: boolean };
type Checks = Map<string, Check>;

const startName = 'start';

/** An empty health. While a check hangs it isn't started again, however often it's asked for. */
export function createHealth(): Health {
  const liveness: Checks = new Map();
  const readiness: Checks = new Map();
  return {
    liveness: (name, check) => add(liveness, name, check, false),
    readiness: (name, check) => add(readiness, name, check, false),
    optional: (name, check) => add(readiness, name, check, true),
    starting: () => {
      add(readiness, startName, stillStarting, false);
      return () => void readiness.delete(startName);
    },
    live: () => report(liveness),
    ready: () => report(readiness),
  };
}

function stillStarting(): never {
  throw new Error('the start is not over');
}

function add(checks: Checks, name: string, check: HealthCheck, isOptional: boolean): void {
  assert(!checks.has(name), `the health check ${name} is registered twice`);
  checks.set(name, { run: oneAtATime(check), isOptional });
}

function oneAtATime(check: HealthCheck): () => Promise<unknown> {
  let underWay: Promise<unknown> | null = null;
  return () => {
    // Begun in a later turn, so that also a check that throws at once ends after the assignment.
    underWay ??= Promise.resolve()
      .then(check)
      .finally(() => {
        underWay = null;
      });
    return underWay;
  };
}

async function report(checks: Checks): Promise<HealthReport> {
  const inOrder = [...checks].toSorted(([left], [right]) => (left < right ? -1 : 1));
  const outcomes = await Promise.all(
    inOrder.map(async ([name, { run, isOptional }]) => {
      return { name, isOptional, health: await outcomeOf(name, run) };
    }),
  );
  return {
    ok: outcomes.every(({ isOptional, health }) => isOptional || health.ok),
    components: Object.fromEntries(outcomes.map(({ name, health }) => [name, health])),
  };
}

async function outcomeOf(name: string, run: () => Promise<unknown>): Promise<ComponentHealth> {
  try {
    await withDeadline(run(), healthCheckDeadlineMs, `the health check of ${name}`);
    return { ok: true };
  } catch (error) {
    return { ok: false, error };
  }
}
