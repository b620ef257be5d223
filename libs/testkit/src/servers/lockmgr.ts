/**
 * Starts clusters of the lock manager: one real process for each node, with its own data folder,
 * which tests kill, stop, pause and start again one by one.
 *
 * Below dataDir: `<node>/data` and `<node>/node.log`.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plainEnv, startProcess } from './keeper.ts';
import { freePorts } from './ports.ts';
import { logSize, retryTakenPort, whenReady } from './starting.ts';
import type { ProcessExit, ServerProcess } from './types.ts';

/** A node is of use within a second; two cores that do other things besides take longer. */
const startDeadlineMs = 30_000;
const stopDeadlineMs = 10_000;
/** A probe on loopback that takes longer than this is asked again. */
const probeDeadlineMs = 1_000;

const mainModule = fileURLToPath(
  new URL('../../../../apps/lockmgr-node/src/main.ts', import.meta.url),
);

export type LockmgrOptions = {
  /** 1, 3 or 5. */
  readonly nodes: number;
  /** A folder of the cluster's own. Started again on the same one, it has its locks again. */
  readonly dataDir: string;
  /** gRPC ports of 127.0.0.1, one for each node; free ones by default. */
  readonly ports?: readonly number[];
  /** Settings of the nodes beyond the ones that make them a cluster. */
  readonly env?: Readonly<Record<string, string>>;
  /** The same for one node; these win over all others. */
  readonly nodeEnv?: (name: string) => Readonly<Record<string, string>>;
  /** A module to run instead of the app's main.ts: its bundle. */
  readonly program?: string;
  readonly signal?: AbortSignal;
};

export type LockmgrNode = {
  readonly name: string;
  /** host:port of its gRPC server. */
  readonly address: string;
  /** Where its log and its snapshots are. */
  readonly dataFolder: string;
  /** What it has printed, in all its lives. */
  readonly logFile: string;
  /** Where /health, /ready and /metrics answer; another one after `start`. */
  readonly httpUrl: () => string;
  /** The present process: another one after `start`. */
  readonly process: () => ServerProcess;
  /** SIGTERM: hands over and ends. */
  readonly stop: () => Promise<ProcessExit>;
  /** SIGKILL, as a crash. */
  readonly kill: () => Promise<ProcessExit>;
  /** SIGSTOP, and SIGCONT. */
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
  /** Starts it again after it has ended, with the same port and data. Waits until it's ready. */
  readonly start: () => Promise<void>;
  /** The same without waiting: for a node that isn't meant to become ready. */
  readonly launch: () => Promise<void>;
  /** True once it is of use: it knows a leader. */
  readonly isReady: () => Promise<boolean>;
  /** True if its own metrics say that it leads. */
  readonly leads: () => Promise<boolean>;
};

export type LockmgrCluster = {
  readonly addresses: readonly string[];
  readonly nodes: readonly LockmgrNode[];
  /** The node that leads now. Rejects if none does within some seconds. */
  readonly leader: () => Promise<LockmgrNode>;
  /**
   * Launches one node more, which knows the others, and which they don't know: it waits until an
   * operator adds it. Not among `nodes`; `stop` ends it, too.
   */
  readonly launchExtra: () => Promise<LockmgrNode>;
  /** All of them. */
  readonly stop: () => Promise<void>;
};

/** @throws ServerStartError with the end of the log of the node that didn't start */
export async function startLockmgr(options: LockmgrOptions): Promise<LockmgrCluster> {
  const { ports } = options;
  return retryTakenPort(ports === undefined ? 0 : 1, () => startOnce(options));
}

async function startOnce(options: LockmgrOptions): Promise<LockmgrCluster> {
  const ports = options.ports ?? (await freePorts(options.nodes));
  const peers = ports.map((port, index) => ({
    name: `lockmgr-${index}`,
    address: `127.0.0.1:${port}`,
  }));
  const members = peers.length === 1 ? '' : peers.map(peerSetting).join(',');
  const started: StartedNode[] = [];
  const stop = async () => void (await Promise.all(started.map((node) => node.stop())));
  try {
    for (const peer of peers) started.push(await spawnNode(options, peer, members));
    await Promise.all(started.map((node) => node.whenReady()));
  } catch (error) {
    await Promise.all(started.map((node) => node.kill()));
    throw error;
  }
  const nodes = [...started];
  return {
    addresses: peers.map(({ address }) => address),
    nodes,
    leader: () => findLeader(nodes),
    launchExtra: async () => {
      const [port = 0] = await freePorts(1);
      const extra = { name: `lockmgr-${started.length}`, address: `127.0.0.1:${port}` };
      const node = await spawnNode(options, extra, [...peers, extra].map(peerSetting).join(','));
      started.push(node);
      return node;
    },
    stop,
  };
}

type Peer = { readonly name: string; readonly address: string };

type StartedNode = LockmgrNode & { readonly whenReady: () => Promise<void> };

async function spawnNode(
  options: LockmgrOptions,
  { address, name }: Peer,
  members: string,
): Promise<StartedNode> {
  const folder = join(options.dataDir, name);
  const logFile = join(folder, 'node.log');
  const dataFolder = join(folder, 'data');
  let httpUrl = '';
  let logOffset = 0;
  let server = await spawn();

  async function spawn(): Promise<ServerProcess> {
    const [httpPort = 0] = await freePorts(1);
    httpUrl = `http://127.0.0.1:${httpPort}`;
    logOffset = logSize(logFile);
    return startProcess({
      name,
      command: process.execPath,
      args: [options.program ?? mainModule],
      env: {
        ...plainEnv(),
        LOG_FORMAT: 'json',
        ...options.env,
        NODE_NAME: name,
        LOCKMGR_PEERS: members,
        DATA_FOLDER: dataFolder,
        GRPC_PORT: address.slice(address.lastIndexOf(':') + 1),
        HTTP_PORT: String(httpPort),
        ...options.nodeEnv?.(name),
      },
      workDir: folder,
      logFile,
      pidFile: join(folder, 'node.pid'),
      stopSignal: 'SIGTERM',
      stopDeadlineMs,
    });
  }

  const isReady = async () => (await probe(`${httpUrl}/ready`)) !== null;
  const ready = () =>
    whenReady({
      process: server,
      logOffset,
      deadlineMs: startDeadlineMs,
      signal: options.signal,
      check: isReady,
    });
  return {
    name,
    address,
    dataFolder,
    logFile,
    httpUrl: () => httpUrl,
    process: () => server,
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    start: async () => {
      server = await spawn();
      await ready();
    },
    launch: async () => {
      server = await spawn();
    },
    isReady,
    leads: async () => leadsBy(await probe(`${httpUrl}/metrics`)),
    whenReady: ready,
  };
}

async function findLeader(nodes: readonly LockmgrNode[]): Promise<LockmgrNode> {
  const deadline = performance.now() + startDeadlineMs;
  while (performance.now() < deadline) {
    for (const node of nodes) if (await node.leads()) return node;
  }
  throw new Error('no node of the lock manager leads');
}

function leadsBy(metrics: string | null): boolean {
  return metrics !== null && /^windlass_lockmgr_is_leader(?:\{[^}]*\})? 1$/m.test(metrics);
}

/** The answer's text, or null where it isn't a success. */
async function probe(url: string): Promise<string | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(probeDeadlineMs) });
    const text = await response.text();
    return response.ok ? text : null;
  } catch {
    // Not started yet, ended, or paused: no answer either way.
    return null;
  }
}

function peerSetting({ address, name }: Peer): string {
  return `${name}=${address}`;
}
