/**
 * PostgreSQL, NATS and Kubernetes as components: the stack's own, through the launchers that the
 * tests use too, or the user's, which are only named.
 */
import { join } from 'node:path';
import { required } from '@windlass/base';
import {
  type KubernetesComponent,
  kubernetesComponents,
  type RunningKubernetes,
  type ServerProcess,
  startKubernetes,
  startNats,
  startPostgres,
} from '@windlass/testkit';
import { identify } from '../processes/identity.ts';
import { logFileOf, type StackFolder } from '../state/folder.ts';
import type { ServerChoice, StackPlan } from '../state/plan.ts';
import { type Component, describeExit, type Instance } from '../supervisor/component.ts';
import type { Connections } from './environment.ts';
import { probeApiServer, probeHttp, probePostgres } from './probes.ts';

export type Infrastructure = {
  readonly components: readonly Component[];
  /** Names of the components that an app needs. */
  readonly needed: readonly string[];
  /** How the servers are reached, as far as they are up. */
  readonly connections: () => Connections;
  /** Ends what is left of the servers after their components have stopped. */
  readonly close: () => Promise<void>;
};

/** The launchers have start deadlines of their own; this is for a start that hangs in them. */
const serverReadyDeadlineMs = 120_000;

const postgresName = 'postgres';
const natsName = 'nats';
/** What the cluster's name is where it's the user's; the stack's own has one row per component. */
const kubernetesName = 'kubernetes';
const lockManagerName = 'lockmgr';
const apiServer: KubernetesComponent = 'kube-apiserver';

export function infrastructure(folder: StackFolder, plan: StackPlan): Infrastructure {
  const reached: { -readonly [Key in keyof Connections]: Connections[Key] } = {
    databaseUrl: null,
    natsUrl: null,
    kubeconfig: null,
  };
  const cluster = kubernetes(folder, plan, (path) => {
    reached.kubeconfig = path;
  });
  const components = [
    own(plan.postgres)
      ? postgres(folder, plan, (url) => {
          reached.databaseUrl = url;
        })
      : external(postgresName, folder),
    own(plan.nats)
      ? nats(folder, plan, (url) => {
          reached.natsUrl = url;
        })
      : external(natsName, folder),
    ...(own(plan.kubernetes) ? cluster.components : [external(kubernetesName, folder)]),
    // Its own nodes are apps.
    ...(own(plan.lockmgr) ? [] : [external(lockManagerName, folder)]),
  ];
  const clusterNeeds = own(plan.kubernetes) ? [apiServer] : [kubernetesName];
  return {
    components,
    needed: [postgresName, natsName, ...clusterNeeds],
    connections: () => ({ ...reached }),
    close: cluster.close,
  };
}

function own(choice: ServerChoice): boolean {
  return choice.kind === 'own';
}

function postgres(
  folder: StackFolder,
  plan: StackPlan,
  reachedAt: (url: string) => void,
): Component {
  const port = plan.ports.postgres;
  const logFile = logFileOf(folder, postgresName);
  return {
    ...server(postgresName, port, logFile),
    launch: async (signal) => {
      const dataDir = join(folder.data, postgresName);
      const running = await startPostgres({ dataDir, port, logFile, signal });
      reachedAt(running.url);
      return instanceOf(running.process);
    },
    probe: (signal) => probePostgres(port, signal),
  };
}

function nats(folder: StackFolder, plan: StackPlan, reachedAt: (url: string) => void): Component {
  const port = plan.ports.nats;
  const logFile = logFileOf(folder, natsName);
  let monitorUrl: string | null = null;
  return {
    ...server(natsName, port, logFile),
    launch: async (signal) => {
      const dataDir = join(folder.data, natsName);
      const running = await startNats({ dataDir, port, logFile, signal });
      monitorUrl = running.monitorUrl;
      reachedAt(running.url);
      return instanceOf(running.process);
    },
    probe: (signal) => probeHttp(`${required(monitorUrl, 'the monitor of NATS')}/healthz`, signal),
  };
}

/**
 * The control plane is launched as a whole, with its first component; from then on each of its
 * processes is watched, and started again, by itself.
 */
function kubernetes(
  folder: StackFolder,
  plan: StackPlan,
  reachedAt: (kubeconfig: string) => void,
): { readonly components: Component[]; readonly close: () => Promise<void> } {
  const port = plan.ports.kubernetes;
  const toAdopt = new Set<KubernetesComponent>();
  let cluster: RunningKubernetes | null = null;

  const launch = async (name: KubernetesComponent, signal: AbortSignal): Promise<Instance> => {
    if (cluster === null) {
      const logFile = logFileOf(folder, kubernetesName);
      const dataDir = join(folder.data, kubernetesName);
      cluster = await startKubernetes({ dataDir, port, logFile, signal });
      for (const each of kubernetesComponents) toAdopt.add(each);
      reachedAt(cluster.kubeconfigPath);
    }
    if (toAdopt.delete(name)) return instanceOf(cluster.component(name));
    return instanceOf(await cluster.start(name, signal));
  };

  const components = kubernetesComponents.map((name): Component => {
    const isApiServer = name === apiServer;
    return {
      ...server(name, isApiServer ? port : null, logFileOf(folder, name)),
      after: name === 'etcd' ? [] : isApiServer ? ['etcd'] : [apiServer],
      launch: (signal) => launch(name, signal),
      probe: (signal) => (isApiServer ? probeApiServer(port, signal) : Promise.resolve(null)),
    };
  });
  return { components, close: async () => cluster?.stop() };
}

/** A row for what the user has: nothing is started, and nothing is stopped. */
function external(name: string, folder: StackFolder): Component {
  return {
    ...server(name, null, logFileOf(folder, name)),
    external: true,
    launch: () =>
      Promise.resolve({
        process: null,
        exited: new Promise(() => undefined),
        stop: () => Promise.resolve(),
      }),
    probe: () => Promise.resolve(null),
  };
}

function server(name: string, port: number | null, logFile: string) {
  return {
    name,
    after: [] as readonly string[],
    port,
    logFile,
    runs: 'always' as const,
    external: false,
    readyDeadlineMs: serverReadyDeadlineMs,
  };
}

function instanceOf(process: ServerProcess): Instance {
  return {
    process: identify(process.pid),
    exited: process.exited.then(({ code, signal }) => ({
      clean: code === 0,
      reason: describeExit(code, signal),
    })),
    stop: async () => {
      await process.stop();
    },
  };
}
