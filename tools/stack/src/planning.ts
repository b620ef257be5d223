/** Decides what a start of the stack will be: ports, and what of the user's own it uses. */
import { fail, ok, type Result } from '@windlass/base';
import { type ChosenPort, choosePorts, type PortProblem, type PortWish } from './ports/choose.ts';
import { anyFreePort, isPortFree } from './ports/probe.ts';
import { preferredPorts, type StackSettings } from './settings.ts';
import {
  type CopiedApp,
  copyName,
  type PortName,
  portNames,
  type ServerChoice,
  type StackPlan,
} from './state/plan.ts';

/** Between the ports of an app's copies: 8081, 8091, … */
const copyPortStep = 10;
const highestPort = 65_535;

/** The wish for each listener that the stack will have, from what is set. */
export function portWishes(settings: StackSettings): PortWish[] {
  const set: Readonly<Record<PortName, number | null>> = {
    api: settings.apiPort,
    worker: settings.workerPort,
    watcher: settings.watcherPort,
    postgres: settings.postgresPort,
    nats: settings.natsPort,
    kubernetes: settings.kubernetesPort,
  };
  const theirs: Partial<Record<PortName, boolean>> = {
    postgres: settings.databaseUrl !== null,
    nats: settings.natsUrl !== null,
    kubernetes: settings.kubeconfig !== null,
  };
  const wish = (name: PortName): PortWish => ({
    name,
    preferred: set[name] ?? preferredPorts[name],
    explicit: set[name] !== null,
    variable: `${name.toUpperCase()}_PORT`,
  });
  const names = portNames.filter((name) => theirs[name] !== true);
  return [
    ...names.map(wish),
    ...copyWishes(wish('worker'), 'worker', settings.workers),
    ...copyWishes(wish('watcher'), 'watcher', settings.watchers),
  ];
}

/** The second and further copies listen near the first, wherever that is free. */
function copyWishes(first: PortWish, app: CopiedApp, count: number): PortWish[] {
  return Array.from({ length: count - 1 }, (_unused, index) => ({
    ...first,
    name: copyName(app, index + 2),
    preferred: Math.min(first.preferred + (index + 1) * copyPortStep, highestPort),
    explicit: false,
  }));
}

/**
 * The plan for a start, or every port that is set and can't be had.
 *
 * @param remembered ports of the last start
 * @param clusterName names the user's cluster and context, where KUBECONFIG is set
 */
export async function makePlan(
  settings: StackSettings,
  remembered: Readonly<Record<string, number>>,
  clusterName: string | null,
): Promise<Result<StackPlan, PortProblem[]>> {
  const wishes = portWishes(settings);
  const chosen = await choosePorts(wishes, remembered, isPortFree, anyFreePort);
  if (!chosen.ok) return fail(chosen.error);
  return ok({
    ...portsOfPlan(chosen.value),
    postgres: choice(settings.databaseUrl && withoutSecrets(settings.databaseUrl)),
    nats: choice(settings.natsUrl && withoutSecrets(settings.natsUrl)),
    kubernetes: choice(clusterName),
  });
}

/** A line per port that is set and can't be had. */
export function describePortProblem(problem: PortProblem): string {
  const { variable, port, reason } = problem;
  return reason === 'taken'
    ? `${variable}=${port}: another program listens there; end it, or choose another port`
    : `${variable}=${port}: that port is given to another part of the stack too`;
}

/** URLs without user and password, or query, where drivers take passwords too. */
export function withoutSecrets(urls: string): string {
  return urls
    .split(',')
    .map((text) => {
      const url = new URL(text.trim());
      return `${url.protocol}//${url.host}${url.pathname}`;
    })
    .join(',');
}

function portsOfPlan(
  chosen: Readonly<Record<string, ChosenPort>>,
): Pick<StackPlan, 'ports' | 'moved'> {
  const of = (name: string): ChosenPort => chosen[name] ?? { port: 0, insteadOf: null };
  const ports = {
    ...Object.fromEntries(Object.entries(chosen).map(([name, { port }]) => [name, port])),
    api: of('api').port,
    worker: of('worker').port,
    watcher: of('watcher').port,
    postgres: of('postgres').port,
    nats: of('nats').port,
    kubernetes: of('kubernetes').port,
  };
  const moved = Object.keys(ports).flatMap((name) => {
    const { port, insteadOf } = of(name);
    return insteadOf === null ? [] : [{ name, from: insteadOf, to: port }];
  });
  return { ports, moved };
}

function choice(shown: string | null): ServerChoice {
  return shown === null ? { kind: 'own' } : { kind: 'external', shown };
}
