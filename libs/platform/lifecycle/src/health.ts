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
  /** True when every component is ok; also where there is none. */
  readonly ok: boolean;
  /** By name, sorted. */
  readonly components: Readonly<Record<string, ComponentHealth>>;
};

export type Health = {
  /** Adds a part of this process. Names are unique. */
  readonly liveness: (name: string, check: HealthCheck) => void;
  /** Adds something that the process depends on. Names are unique. */
  readonly readiness: (name: string, check: HealthCheck) => void;
  readonly live: () => Promise<HealthReport>;
  readonly ready: () => Promise<HealthReport>;
};

/** A check that takes longer counts as failed. Below the 1 s that Kubernetes waits by default. */
export const healthCheckDeadlineMs = 900;

type Checks = Map<string, () => Promise<unknown>>;

/** An empty health. While a check hangs it isn't started again, however often it's asked for. */
export function createHealth(): Health {
  const liveness: Checks = new Map();
  const readiness: Checks = new Map();
  return {
    liveness: (name, check) => add(liveness, name, check),
    readiness: (name, check) => add(readiness, name, check),
    live: () => report(liveness),
    ready: () => report(readiness),
  };
}

function add(checks: Checks, name: string, check: HealthCheck): void {
  assert(!checks.has(name), `the health check ${name} is registered twice`);
  checks.set(name, oneAtATime(check));
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
  const names = [...checks.keys()].toSorted();
  const entries = await Promise.all(
    names.map(async (name) => [name, await outcomeOf(name, checks.get(name))] as const),
  );
  return { ok: entries.every(([, { ok }]) => ok), components: Object.fromEntries(entries) };
}

async function outcomeOf(
  name: string,
  check: (() => Promise<unknown>) | undefined,
): Promise<ComponentHealth> {
  assert(check !== undefined, `no health check ${name}`);
  try {
    await withDeadline(check(), healthCheckDeadlineMs, `the health check of ${name}`);
    return { ok: true };
  } catch (error) {
    return { ok: false, error };
  }
}
