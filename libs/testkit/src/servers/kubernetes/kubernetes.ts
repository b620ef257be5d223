/**
 * Starts a Kubernetes control plane: etcd, API server, controllers, scheduler, and KWOK in place
 * of kubelets. All of it is real except that no container runs.
 *
 * Below dataDir: `etcd`, `certificates`, `kubeconfig` (an administrator's), `kwok.yaml`. A start
 * on the same folder has the same cluster again.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { locateServers } from '../binaries.ts';
import { plainEnv, startProcess } from '../keeper.ts';
import { freePorts } from '../ports.ts';
import { logSize, retryTakenPort, whenReady } from '../starting.ts';
import {
  type KubernetesComponent,
  type KubernetesOptions,
  kubernetesComponents,
  type RunningKubernetes,
  type ServerProcess,
} from '../types.ts';
import { argumentsOf, type ControlPlane } from './components.ts';
import { prepareCredentials } from './credentials.ts';
import { type KubeRequester, kubeRequester } from './kube-request.ts';
import { makeNodes, nodesAreReady, serviceAccountExists } from './objects.ts';
import { writeKwokConfig } from './stages.ts';

/** A start takes 4 s on two idle cores; a loaded machine takes several times as long. */
const startDeadlineMs = 60_000;
/** The API server ends watches within a second or two; nobody needs more of it. */
const stopDeadlineMs = 5_000;
const nodesCountDefault = 3;
const podStepMsDefault = 200;

/** The other way round from the start: the API server before its etcd. */
const stopOrder = [...kubernetesComponents].reverse();

type Cluster = {
  readonly options: KubernetesOptions;
  readonly plane: ControlPlane;
  readonly requester: KubeRequester;
  readonly processes: Map<KubernetesComponent, ServerProcess>;
};

/** @throws ServerStartError with the end of the log of the component that failed */
export function startKubernetes(options: KubernetesOptions): Promise<RunningKubernetes> {
  return retryTakenPort(options.port, () => startOnce(options));
}

async function startOnce(options: KubernetesOptions): Promise<RunningKubernetes> {
  const plane = await prepare(options);
  const kubeconfigPath = plane.credentials.kubeconfigPath('admin');
  const cluster: Cluster = {
    options,
    plane,
    requester: kubeRequester(kubeconfigPath),
    processes: new Map(),
  };
  try {
    await startComponent(cluster, 'etcd');
    await startComponent(cluster, 'kube-apiserver');
    await allOrFirstError([
      makeNodes(cluster.requester, options.nodesCount ?? nodesCountDefault),
      startComponent(cluster, 'kube-controller-manager'),
      startComponent(cluster, 'kube-scheduler'),
      startComponent(cluster, 'kwok'),
    ]);
  } catch (error) {
    await Promise.all([...cluster.processes.values()].map((each) => each.kill()));
    cluster.requester.close();
    throw error;
  }
  return handleOf(cluster, kubeconfigPath);
}

/** Like Promise.all, once nothing goes on any more: a start that goes on could be left behind. */
async function allOrFirstError(works: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(works);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

function handleOf(cluster: Cluster, kubeconfigPath: string): RunningKubernetes {
  const port = cluster.plane.ports.api;
  const component = (name: KubernetesComponent) => {
    const found = cluster.processes.get(name);
    if (found === undefined) throw new Error(`${name} was never started`);
    return found;
  };
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    kubeconfigPath,
    component,
    start: (name, signal) => startComponent(cluster, name, signal),
    stop: async () => {
      for (const name of stopOrder) await component(name).stop();
      cluster.requester.close();
    },
  };
}

async function prepare(options: KubernetesOptions): Promise<ControlPlane> {
  mkdirSync(options.dataDir, { recursive: true });
  const [free = 0, etcdClient = 0, etcdPeer = 0, kubelet = 0] = await freePorts(4);
  const api = options.port === 0 ? free : options.port;
  const kwokConfigFile = join(options.dataDir, 'kwok.yaml');
  writeKwokConfig(kwokConfigFile, {
    stagesDir: locateServers().stagesDir,
    podStepMs: options.podStepMs ?? podStepMsDefault,
    podLogFile: join(options.dataDir, 'pod.log'),
  });
  return {
    dataDir: options.dataDir,
    durable: options.durable !== false,
    ports: { api, etcdClient, etcdPeer, kubelet },
    credentials: await prepareCredentials(options.dataDir, api),
    kwokConfigFile,
  };
}

/** Starts a component and waits until it does its work. */
async function startComponent(
  cluster: Cluster,
  name: KubernetesComponent,
  signal: AbortSignal | undefined = cluster.options.signal,
): Promise<ServerProcess> {
  signal?.throwIfAborted();
  const { options, plane } = cluster;
  const logFile = join(dirname(options.logFile), `${name}.log`);
  const logOffset = logSize(logFile);
  const server = await startProcess({
    name,
    command: locateServers().path(name),
    args: argumentsOf(name, plane),
    env: plainEnv(),
    workDir: options.dataDir,
    logFile,
    pidFile: join(options.dataDir, `${name}.pid`),
    stopSignal: 'SIGTERM',
    stopDeadlineMs,
  });
  cluster.processes.set(name, server);
  const check = () => isReady(cluster, name);
  await whenReady({ process: server, logOffset, deadlineMs: startDeadlineMs, signal, check });
  return server;
}

/** A request that fails, or takes too long on a busy machine, is made again. */
async function isReady(cluster: Cluster, name: KubernetesComponent): Promise<boolean> {
  try {
    return await doesItsWork(cluster, name);
  } catch {
    return false;
  }
}

async function doesItsWork(cluster: Cluster, name: KubernetesComponent): Promise<boolean> {
  const { requester, plane } = cluster;
  switch (name) {
    case 'etcd':
      return (await fetch(`http://127.0.0.1:${plane.ports.etcdClient}/health`)).status === 200;
    case 'kube-apiserver':
      return (await requester.send('GET', '/readyz')).status === 200;
    case 'kube-controller-manager':
      return serviceAccountExists(requester, 'default');
    case 'kube-scheduler':
      // It serves nothing here; a pod that comes before it is ready waits for it.
      return true;
    case 'kwok':
      return nodesAreReady(requester, cluster.options.nodesCount ?? nodesCountDefault);
    default:
      return name satisfies never;
  }
}
