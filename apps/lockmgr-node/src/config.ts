import {
  configFileSettings,
  defineSettings,
  httpSettings,
  lifecycleSettings,
  type SettingsOf,
  setting,
  telemetrySettings,
} from '@windlass/config';
import type { ClientTlsFiles } from '@windlass/grpc';
import { commandUsage } from './operations/command-line.ts';

/** host:port, as in Kubernetes' headless services. */
const addressPattern = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$/;

const nodeSettings = {
  nodeName: setting.string({
    env: 'NODE_NAME',
    default: 'lockmgr-0',
    maxLength: 63,
    pattern: /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/,
    form: 'a host name',
    description: 'Stable name of this node, such as the name of its pod.',
  }),
  peers: setting.list({
    env: 'LOCKMGR_PEERS',
    default: [],
    description:
      'All nodes of the region as name=host:port, this one included; empty: a cluster of one.',
  }),
  dataFolder: setting.string({
    env: 'DATA_FOLDER',
    default: 'data',
    description: 'Folder of the log and the snapshots; a disk of its own is best.',
  }),
  regionId: setting.string({
    env: 'REGION_ID',
    default: 'us-east',
    maxLength: 63,
    description: 'Region that this cluster serves.',
  }),
};

const grpcSettings = {
  grpcHost: setting.string({
    env: 'GRPC_HOST',
    default: '127.0.0.1',
    maxLength: 255,
    description: 'Address the gRPC server listens on; 0.0.0.0 for all.',
  }),
  grpcPort: setting.integer({
    env: 'GRPC_PORT',
    default: 9090,
    min: 0,
    max: 65_535,
    description: 'Port for clients and for the other nodes.',
  }),
  advertisedAddress: setting.string({
    env: 'ADVERTISED_ADDRESS',
    optional: true,
    pattern: addressPattern,
    form: 'host:port',
    description: 'Where clients and nodes reach this node; by default what LOCKMGR_PEERS says.',
  }),
  tlsCertFile: setting.string({
    env: 'GRPC_TLS_CERT_FILE',
    optional: true,
    description: 'PEM file of the certificate of this node; turns TLS on.',
  }),
  tlsKeyFile: setting.string({
    env: 'GRPC_TLS_KEY_FILE',
    optional: true,
    description: 'PEM file of the key of that certificate.',
  }),
  tlsCaFile: setting.string({
    env: 'GRPC_TLS_CA_FILE',
    optional: true,
    description: 'PEM file of the authority that signs certificates of clients and nodes.',
  }),
  tlsClientCertificates: setting.boolean({
    env: 'GRPC_TLS_CLIENT_CERTIFICATES',
    default: false,
    description: 'Ask every caller for a certificate of that authority (mutual TLS).',
  }),
  adminToken: setting.secret({
    env: 'ADMIN_TOKEN',
    optional: true,
    minLength: 16,
    description: 'Bearer token of those who may force-release, back up and change the members.',
  }),
  adminNames: setting.list({
    env: 'ADMIN_CERTIFICATE_NAMES',
    default: [],
    description: 'Names in client certificates whose holders may do the same.',
  }),
  peerNames: setting.list({
    env: 'PEER_CERTIFICATE_NAMES',
    default: [],
    description: 'With mutual TLS: names in the certificates of the nodes; empty: any certificate.',
  }),
};

const raftSettings = {
  electionTimeoutMs: setting.integer({
    env: 'RAFT_ELECTION_TIMEOUT_MS',
    default: 150,
    min: 50,
    max: 60_000,
    description: 'Silence of the leader before an election; random up to twice of it.',
  }),
  heartbeatIntervalMs: setting.integer({
    env: 'RAFT_HEARTBEAT_INTERVAL_MS',
    default: 50,
    min: 10,
    max: 10_000,
    description: 'Time between heartbeats of the leader.',
  }),
  slowDiskMs: setting.durationMs({
    env: 'LOCKMGR_SLOW_DISK_MS',
    default: 500,
    min: 10,
    max: 60_000,
    description: 'A leader whose disk takes longer for one write hands over.',
  }),
};

const limitSettings = {
  defaultTimeoutMs: setting.integer({
    env: 'LOCK_DEFAULT_TIMEOUT_MS',
    default: 30_000,
    min: 100,
    max: 3_600_000,
    description: 'TTL of a session that names none.',
  }),
  maxTimeoutMs: setting.integer({
    env: 'LOCK_MAX_TIMEOUT_MS',
    default: 300_000,
    min: 100,
    max: 3_600_000,
    description: 'Longest TTL of a session.',
  }),
  minTimeoutMs: setting.integer({
    env: 'LOCK_MIN_TIMEOUT_MS',
    default: 1_000,
    min: 100,
    max: 3_600_000,
    description: 'Shortest TTL of a session.',
  }),
  sessionsMax: setting.integer({
    env: 'LOCK_SESSIONS_MAX',
    default: 100_000,
    min: 1,
    max: 10_000_000,
    description: 'Open sessions of the cluster.',
  }),
  locksMax: setting.integer({
    env: 'LOCK_LOCKS_MAX',
    default: 1_000_000,
    min: 1,
    max: 100_000_000,
    description: 'Locks that are held or waited for; some 300 bytes of memory each.',
  }),
  waitersPerLockMax: setting.integer({
    env: 'LOCK_WAITERS_PER_LOCK_MAX',
    default: 10_000,
    min: 1,
    max: 1_000_000,
    description: 'Waiting acquires of one lock.',
  }),
  holdsPerSessionMax: setting.integer({
    env: 'LOCK_HOLDS_PER_SESSION_MAX',
    default: 10_000,
    min: 1,
    max: 1_000_000,
    description: 'Locks that one session holds.',
  }),
  unacknowledgedPerSessionMax: setting.integer({
    env: 'LOCK_UNACKNOWLEDGED_PER_SESSION_MAX',
    default: 10_000,
    min: 16,
    max: 1_000_000,
    description: 'Operations of one session whose answers are kept for a repetition.',
  }),
  inflightOperationsMax: setting.integer({
    env: 'LOCK_INFLIGHT_OPERATIONS_MAX',
    default: 100_000,
    min: 16,
    max: 10_000_000,
    description: 'Operations that wait for their log entry on the leader.',
  }),
};

/** Every setting of a node. The only place that says what it reads from the environment. */
export const settings = defineSettings(
  'lockmgr-node',
  'One node of the lock manager: locks, semaphores and elections with fencing tokens.',
  {
    ...configFileSettings,
    ...nodeSettings,
    ...grpcSettings,
    ...raftSettings,
    ...limitSettings,
    ...httpSettings({ port: 8080 }),
    ...telemetrySettings,
    ...lifecycleSettings,
  },
  {
    usage: commandUsage,
    refine: (rule) => [
      rule(['electionTimeoutMs', 'heartbeatIntervalMs'], (values) =>
        values.heartbeatIntervalMs * 2 > values.electionTimeoutMs
          ? [
              {
                env: 'RAFT_HEARTBEAT_INTERVAL_MS',
                message: 'must be at most half of RAFT_ELECTION_TIMEOUT_MS',
              },
            ]
          : [],
      ),
      rule(['minTimeoutMs', 'defaultTimeoutMs', 'maxTimeoutMs'], (values) =>
        values.minTimeoutMs <= values.defaultTimeoutMs &&
        values.defaultTimeoutMs <= values.maxTimeoutMs
          ? []
          : [
              {
                env: 'LOCK_DEFAULT_TIMEOUT_MS',
                message: 'must be between LOCK_MIN_TIMEOUT_MS and LOCK_MAX_TIMEOUT_MS',
              },
            ],
      ),
      rule(['peers', 'nodeName'], (values) => peerProblems(values.peers, values.nodeName)),
      rule(['adminToken'], ({ adminToken }) =>
        adminToken === null || /^[\w.~+/=-]+$/.test(adminToken)
          ? []
          : [{ env: 'ADMIN_TOKEN', message: 'has characters that no bearer token may have' }],
      ),
      rule(['tlsCertFile', 'tlsKeyFile'], (values) =>
        (values.tlsCertFile === null) === (values.tlsKeyFile === null)
          ? []
          : [{ env: 'GRPC_TLS_KEY_FILE', message: 'goes with GRPC_TLS_CERT_FILE' }],
      ),
      rule(['tlsClientCertificates', 'tlsCaFile', 'tlsCertFile'], (values) =>
        values.tlsClientCertificates && (values.tlsCaFile === null || values.tlsCertFile === null)
          ? [
              {
                env: 'GRPC_TLS_CLIENT_CERTIFICATES',
                message: 'needs GRPC_TLS_CERT_FILE and GRPC_TLS_CA_FILE',
              },
            ]
          : [],
      ),
    ],
  },
);

export type LockmgrSettings = SettingsOf<typeof settings>;

export type PeerAddress = { readonly name: string; readonly address: string };

/** The items of LOCKMGR_PEERS, which are valid here. */
export function peersOf(peers: readonly string[]): readonly PeerAddress[] {
  return peers.map((peer) => {
    const [name = '', address = ''] = peer.split('=');
    return { name, address };
  });
}

/** Where clients and the other nodes reach this one. */
export function addressOf(settings: LockmgrSettings): string {
  const { advertisedAddress, grpcHost, grpcPort, nodeName, peers } = settings;
  const configured = peersOf(peers).find(({ name }) => name === nodeName)?.address;
  return advertisedAddress ?? configured ?? `${grpcHost}:${grpcPort}`;
}

/** What this node shows to the others; null without TLS. */
export function clientTlsOf(settings: LockmgrSettings): ClientTlsFiles | null {
  const { tlsCaFile, tlsCertFile, tlsKeyFile } = settings;
  if (tlsCertFile === null || tlsKeyFile === null) return null;
  return {
    certificateFile: tlsCertFile,
    privateKeyFile: tlsKeyFile,
    ...(tlsCaFile === null ? {} : { caFile: tlsCaFile }),
  };
}

function peerProblems(peers: readonly string[], nodeName: string) {
  const env = 'LOCKMGR_PEERS';
  if (peers.length === 0) return [];
  const malformed = peers.filter((peer) => {
    const [name, address, ...rest] = peer.split('=');
    return !name || !address || rest.length > 0 || !addressPattern.test(address);
  });
  if (malformed.length > 0) {
    return [{ env, message: `has items that aren't name=host:port: ${malformed.join(', ')}` }];
  }
  const names = peersOf(peers).map(({ name }) => name);
  if (new Set(names).size !== names.length) return [{ env, message: 'names a node twice' }];
  if (!names.includes(nodeName)) return [{ env, message: `doesn't name this node, ${nodeName}` }];
  return [];
}
