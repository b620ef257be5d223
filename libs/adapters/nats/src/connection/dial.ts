/** One try to connect. Read next: link.ts, which repeats it. */
import { readFileSync } from 'node:fs';
import type { PeerCertificate } from 'node:tls';
import { fail, ok, type Result } from '@windlass/base';
import {
  type Authenticator,
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  ErrorCode,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
  type TlsOptions,
} from 'nats';
import { type NatsCredentials, type NatsTls, serverIdentityCheck } from './servers.ts';

/** TCP, TLS and NATS handshakes together. Well above any round trip, well below a stop's grace. */
const dialTimeoutMs = 5_000;

/** How often the connection is tried by a ping. A silent one is found after three intervals. */
const pingIntervalMs = 5_000;

/** Pings that may be unanswered before the connection counts as dead. */
const pingsOutMax = 2;

/**
 * Default deadline of a request to JetStream's API. The server answers in milliseconds; a cluster
 * that elects a leader needs seconds.
 */
const apiTimeoutMs = 5_000;

/** A living connection with what is built on it. */
export type Attachment = {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
};

export type DialOptions = {
  readonly addresses: readonly string[];
  readonly credentials: NatsCredentials | null;
  /** null: plain TCP, unless the server asks for TLS. */
  readonly tls: NatsTls | null;
  /** Shown by the server's monitoring. */
  readonly name: string;
};

export type DialFailure = {
  /** True where trying again is pointless until somebody changes the configuration. */
  readonly isFinal: boolean;
  readonly error: Error;
};

/**
 * Connects once. The connection doesn't reconnect by itself: a new one is made instead, so that
 * nothing of a broken connection (half-read frames, a socket that answers late) reaches the next.
 */
export async function dial(options: DialOptions): Promise<Result<Attachment, DialFailure>> {
  try {
    const connection = await connect(connectionOptions(options));
    const jetstream = connection.jetstream({ timeout: apiTimeoutMs });
    const manager = await connection.jetstreamManager({ timeout: apiTimeoutMs, checkAPI: false });
    return ok({ connection, jetstream, manager });
  } catch (thrown) {
    const error =
      thrown instanceof Error ? thrown : new Error('connection failed', { cause: thrown });
    return fail({ isFinal: isFinalFailure(error), error });
  }
}

function connectionOptions(options: DialOptions): ConnectionOptions {
  return {
    servers: [...options.addresses],
    name: options.name,
    reconnect: false,
    timeout: dialTimeoutMs,
    pingInterval: pingIntervalMs,
    maxPingOut: pingsOutMax,
    // Only what was configured is dialled: a gossiped address may be one that we can't reach, or
    // not the one that the certificate names.
    ignoreClusterUpdates: true,
    // The client otherwise captures a stack for each request.
    noAsyncTraces: true,
    ...(options.tls === null ? {} : { tls: tlsOptions(options.tls, options.addresses) }),
    ...credentialOptions(options.credentials),
  };
}

type NodeTlsOptions = TlsOptions & {
  /** Handed through to Node by the client. */
  readonly checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined;
};

function tlsOptions(tls: NatsTls, addresses: readonly string[]): NodeTlsOptions {
  return {
    ...(tls.caFile === null ? {} : { caFile: tls.caFile }),
    ...(tls.certFile === null ? {} : { certFile: tls.certFile }),
    ...(tls.keyFile === null ? {} : { keyFile: tls.keyFile }),
    checkServerIdentity: serverIdentityCheck(addresses),
  };
}

function credentialOptions(credentials: NatsCredentials | null): ConnectionOptions {
  switch (credentials?.kind) {
    case undefined:
      return {};
    case 'token':
      return { token: credentials.token };
    case 'password':
      return { user: credentials.user, pass: credentials.password };
    case 'file': {
      // Read for each connection: credentials are replaced while a process runs.
      const authenticator: Authenticator = (nonce) =>
        credsAuthenticator(readFileSync(credentials.path))(nonce);
      return { authenticator };
    }
    default:
      return credentials satisfies never;
  }
}

const finalCodes: ReadonlySet<string> = new Set([
  ErrorCode.AuthorizationViolation,
  ErrorCode.BadAuthentication,
  ErrorCode.BadCreds,
  ErrorCode.InvalidOption,
  ErrorCode.ServerOptionNotAvailable,
  ErrorCode.Tls,
  'CERT_HAS_EXPIRED',
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ENOENT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Rejected credentials and certificates; everything else may be a server that isn't up yet. */
function isFinalFailure(error: Error): boolean {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return finalCodes.has(code) || code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_');
}
