/**
 * What the launchers of real servers take and give: startPostgres, startNats and startKubernetes.
 * The tests and the local stack use the same ones.
 *
 * Whoever calls a launcher owns its servers. When the owner ends, however it ends, a keeper
 * process ends them too (see keeper.ts). Read next: postgres.ts, nats.ts, kubernetes.ts.
 */

export type ProcessExit = {
  /** Exit code, or null when a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it, or null. */
  readonly signal: NodeJS.Signals | null;
};

/** One running process of a server. */
export type ServerProcess = {
  /** The program's name, such as kube-apiserver. */
  readonly name: string;
  readonly pid: number;
  /** Everything that the process printed goes to this file. */
  readonly logFile: string;
  /** Settles once the process has ended, whatever ended it. Never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Asks it to stop; kills it and its children after its deadline. Settles once it has ended. */
  readonly stop: () => Promise<ProcessExit>;
  /** SIGKILL for it and its children, as a crash would end them. */
  readonly kill: () => Promise<ProcessExit>;
  /** SIGSTOP for it and its children: it holds its connections and answers nothing. */
  readonly pause: () => Promise<void>;
  /** SIGCONT after pause. */
  readonly resume: () => Promise<void>;
};

export type ServerOptions = {
  /**
   * A folder of the server's own, made when missing. A server that is started again on the same
   * folder has its data, its credentials and its certificates again. One owner at a time.
   */
  readonly dataDir: string;
  /** A TCP port of 127.0.0.1, or 0 for a free one. */
  readonly port: number;
  /** Output is appended here. startKubernetes writes one file per component beside it. */
  readonly logFile: string;
  /** Aborting it while the server starts ends it and rejects. Later it has no effect. */
  readonly signal?: AbortSignal;
  /**
   * True (the default): a crash of the machine loses nothing that was acknowledged. False leaves
   * out fsync, which tests don't need and which makes them several times faster.
   */
  readonly durable?: boolean;
};

/** Files for TLS; see writeCertificates. */
export type ServerTls = {
  readonly certificateFile: string;
  readonly privateKeyFile: string;
  /** Given: clients must show a certificate that this authority signed. */
  readonly clientCaFile?: string;
};

export type PostgresOptions = ServerOptions & { readonly tls?: ServerTls };

export type RunningPostgres = {
  /** For the database `windlass`, with its user and password. A secret. */
  readonly url: string;
  readonly port: number;
  readonly process: ServerProcess;
  readonly stop: () => Promise<void>;
};

export type NatsOptions = ServerOptions & { readonly tls?: ServerTls };

export type RunningNats = {
  /** nats://127.0.0.1:<port>, or tls:// */
  readonly url: string;
  readonly port: number;
  /** http://127.0.0.1:<port>, where /healthz, /varz and /jsz answer. */
  readonly monitorUrl: string;
  readonly process: ServerProcess;
  readonly stop: () => Promise<void>;
};

export const kubernetesComponents = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
] as const;

export type KubernetesComponent = (typeof kubernetesComponents)[number];

export type KubernetesOptions = ServerOptions & {
  /** KWOK nodes to make. Default 3. */
  readonly nodesCount?: number;
  /**
   * How long a pod stays in each of its two steps, created and ready: between this and twice
   * this. Default 200.
   */
  readonly podStepMs?: number;
};

export type RunningKubernetes = {
  /** https://127.0.0.1:<port> */
  readonly url: string;
  readonly port: number;
  /** Kubeconfig of a cluster administrator. The file holds a secret. */
  readonly kubeconfigPath: string;
  /** The component's present process: another one after `start`. */
  readonly component: (name: KubernetesComponent) => ServerProcess;
  /** Starts a component that has ended again, on the same port. Rejects while it still runs. */
  readonly start: (name: KubernetesComponent, signal?: AbortSignal) => Promise<ServerProcess>;
  /** The API server first, etcd last: the other way round it takes minutes to end. */
  readonly stop: () => Promise<void>;
};
