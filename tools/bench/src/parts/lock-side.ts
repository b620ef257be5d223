/**
 * What `locks` measures, whoever is measured: both sides take the same loads and tell the same
 * figures. etcd's side is etcd-locks.ts.
 */

export type LockLoad = {
  /** own: a lock for each client; shared: one for all. */
  readonly mode: 'own' | 'shared';
  readonly clients: number;
  /** Connections that the clients share. */
  readonly connections: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
};

export type LockFigures = {
  /** Pairs of lock and unlock; each is a handover where all want the same lock. */
  readonly pairsPerSecond: number;
  /** Of a pair; of a handover (unlock called to the next lock returned) in mode shared. */
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  /** fdatasync calls of all servers for one pair. */
  readonly syncsPerPair: number;
  readonly serversCpuUsPerPair: number;
  readonly clientCpuUsPerPair: number;
};

export type LockSide = {
  readonly name: string;
  /** @throws Error where two clients held a lock at once */
  readonly run: (load: LockLoad) => Promise<LockFigures>;
  readonly stop: () => Promise<void>;
};
