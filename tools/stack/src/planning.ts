/** Decides what a start of the stack will be: ports, and what of the user's own it uses. */
import { fail, ok, type Result } from '@windlass/base';
import { type ChosenPort, choosePorts, type PortProblem, type PortWish } from './ports/choose.ts';
import { anyFreePort, isPortFree } from './ports/probe.ts';
import { preferredPorts, type StackSettings } from './settings.ts';
import type { LockCluster } from './state/lock-cluster.ts';
import {
  type CopiedApp,
  copyName,
  httpPortName,
  type PortName,
  portNames,
  type ServerChoice,
  type StackPlan,
} from './state/plan.ts';

/** Between the ports of an app's copies: 8081, 8091, … */
const copyPortStep = 10;
const highestPort = 65_535;
/** The fewest that go on when one is lost. */
const lockManagersDefault = 3;

/**
 * The wish for each listener that the stack will have, from what is set.
 *
 * @param lockCluster the lock managers that have data
 */
export function portWishes(
  settings: StackSettings,
  lockCluster: LockCluster | null = null,
): PortWish[] {
  const set: Readonly<Record<PortName, number | null>> = {
    api: settings.apiPort,
    worker: settings.workerPort,
    watcher: settings.watcherPort,
    lockmgr: settings.lockmgrPort,
    'lockmgr-http': settings.lockmgrHttpPort,
    postgres: settings.postgresPort,
    nats: settings.natsPort,
    kubernetes: settings.kubernetesPort,
  };
  const theirs: Partial<Record<PortName, boolean>> = {
    postgres: settings.databaseUrl !== null,
    nats: settings.natsUrl !== null,
    kubernetes: settings.kubeconfig !== null,
    lockmgr: settings.lockmgrAddress !== null,
    'lockmgr-http': settings.lockmgrAddress !== null,
  };
  const wish = (name: PortName): PortWish => ({
    name,
    preferred: set[name] ?? preferredPorts[name],
    explicit: set[name] !== null,
    variable: `${name.replaceAll('-', '_').toUpperCase()}_PORT`,
  });
  const names = portNames.filter((name) => theirs[name] !== true);
  const lockManagers = theirs.lockmgr === true ? 1 : lockManagerCount(settings, lockCluster);
  const wishes = [
    ...names.map(wish),
    ...copyWishes(wish('worker'), 'worker', settings.workers),
    ...copyWishes(wish('watcher'), 'watcher', settings.watchers),
    ...copyWishes(wish('lockmgr'), 'lockmgr', lockManagers),
    ...copyWishes(wish('lockmgr-http'), 'lockmgr', lockManagers, httpPortName),
  ];
  return wishes.map((each) => {
    const port = lockCluster?.[each.name];
    return port === undefined ? each : { ...each, preferred: port, explicit: true, isKept: true };
  });
}

function lockManagerCount({ lockmgrs }: StackSettings, lockCluster: LockCluster | null): number {
  if (lockCluster !== null) return Object.keys(lockCluster).length;
  return lockmgrs === null ? lockManagersDefault : Number(lockmgrs);
}

/** Why the lock managers that have data can't be started as it is set; null where they can. */
export function lockClusterProblem(
  { lockmgrAddress, lockmgrPort, lockmgrs }: StackSettings,
  lockCluster: LockCluster | null,
): string | null {
  if (lockCluster === null || lockmgrAddress !== null) return null;
  const count = Object.keys(lockCluster).length;
  const remedy = 'leave it unset, or remove all data of the stack with `make clean`';
  if (lockmgrs !== null && Number(lockmgrs) !== count) {
    return `LOCKMGRS=${lockmgrs}: there is data of a cluster of ${count}; ${remedy}`;
  }
  const port = lockCluster['lockmgr'];
  if (lockmgrPort !== null && lockmgrPort !== port) {
    return `LOCKMGR_PORT=${lockmgrPort}: the cluster knows its first node by port ${port}; ${remedy}`;
  }
  return null;
}

/** The second and further copies listen near the first, wherever that is free. */
function copyWishes(
  first: PortWish,
  app: CopiedApp,
  count: number,
  nameOf = (component: string) => component,
): PortWish[] {
  return Array.from({ length: count - 1 }, (_unused, index) => ({
    ...first,
    name: nameOf(copyName(app, index + 2)),
    preferred: Math.min(first.preferred + (index + 1) * copyPortStep, highestPort),
    explicit: false,
  }));
}

/**
 * The plan for a start, or every port that is set and can't be had.
 *
 * @param remembered ports of the last start
 * @param clusterName names the user's cluster and context, where KUBECONFIG is set
 * @param lockCluster the lock managers that have data
 */
export async function makePlan(
  settings: StackSettings,
  remembered: Readonly<Record<string, number>>,
  clusterName: string | null,
  lockCluster: LockCluster | null = null,
): Promise<Result<StackPlan, PortProblem[]>> {
  const wishes = portWishes(settings, lockCluster);
  const chosen = await choosePorts(wishes, remembered, isPortFree, anyFreePort);
  if (!chosen.ok) return fail(chosen.error);
  return ok({
    ...portsOfPlan(chosen.value),
    postgres: choice(settings.databaseUrl && withoutSecrets(settings.databaseUrl)),
    nats: choice(settings.natsUrl && withoutSecrets(settings.natsUrl)),
    kubernetes: choice(clusterName),
    lockmgr: choice(settings.lockmgrAddress && settings.lockmgrAddress.join(',')),
  });
}

/** A line per port that is set and can't be had. */
export function describePortProblem(problem: PortProblem): string {
  const { name, variable, port, reason } = problem;
  switch (reason) {
    case 'taken':
      return `${variable}=${port}: another program listens there; end it, or choose another port`;
    case 'kept':
      return `port ${port}: another program listens there, and the cluster knows ${name} by it; end that program, or remove all data of the stack with \`make clean\``;
    case 'repeated':
      return `${variable}=${port}: that port is given to another part of the stack too`;
    default:
      return reason satisfies never;
  }
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
    lockmgr: of('lockmgr').port,
    'lockmgr-http': of('lockmgr-http').port,
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
