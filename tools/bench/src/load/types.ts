/** What the load programs of `locks` share. */

export type LoadSettings = {
  /** host:port of all nodes. */
  readonly addresses: readonly string[];
  /** One lock for all clients; else one for each. */
  readonly shared: boolean;
  readonly clients: number;
  /** Connections that the clients share. */
  readonly connections: number;
  readonly prefix: string;
};

/** What one client does, in turn, for ever. */
export type PairOfCalls = {
  readonly lock: () => Promise<void>;
  readonly unlock: () => Promise<void>;
};

export type OpenedClients = {
  /** One for each client. */
  readonly pairs: readonly PairOfCalls[];
  readonly close: () => Promise<void>;
};

export function keyOf({ prefix, shared }: LoadSettings, at: number): string {
  return shared ? `${prefix}/shared` : `${prefix}/${at}`;
}
