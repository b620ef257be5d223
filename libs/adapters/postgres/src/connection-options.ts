/** How every connection of ours is made: by the apps' pool and by the migrations. */
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { WindlassError } from '@windlass/errors';

/** PEM files. With a certificate and its key the client shows who it is, too (mutual TLS). */
export type PostgresTls = {
  /** Authority that signs the server's certificate. */
  readonly caFile: string;
  readonly certFile: string | null;
  readonly keyFile: string | null;
};

/** The connection that an app's settings (`postgresSettings` of @windlass/config) ask for. */
export function postgresOptionsOf(settings: {
  readonly databaseUrl: string;
  readonly databasePoolMax: number;
  readonly databaseTlsCaFile: string | null;
  readonly databaseTlsCertFile: string | null;
  readonly databaseTlsKeyFile: string | null;
}): { readonly url: string; readonly poolMax: number; readonly tls: PostgresTls | null } {
  const { databaseUrl, databasePoolMax } = settings;
  return { url: databaseUrl, poolMax: databasePoolMax, tls: postgresTls(settings) };
}

/** The TLS part of `postgresSettings`; null where TLS is left to the URL. */
export function postgresTls(settings: {
  readonly databaseTlsCaFile: string | null;
  readonly databaseTlsCertFile: string | null;
  readonly databaseTlsKeyFile: string | null;
}): PostgresTls | null {
  const { databaseTlsCaFile, databaseTlsCertFile, databaseTlsKeyFile } = settings;
  if ((databaseTlsCertFile === null) !== (databaseTlsKeyFile === null)) {
    throw new WindlassError(
      'validation-failed',
      'DATABASE_TLS_CERT_FILE and DATABASE_TLS_KEY_FILE go together',
    );
  }
  if (databaseTlsCaFile === null) {
    if (databaseTlsCertFile === null) return null;
    throw new WindlassError(
      'validation-failed',
      'DATABASE_TLS_CERT_FILE needs DATABASE_TLS_CA_FILE',
    );
  }
  return {
    caFile: databaseTlsCaFile,
    certFile: databaseTlsCertFile,
    keyFile: databaseTlsKeyFile,
  };
}

/** Reaching a server takes one round trip; past this it is away, and a caller waits for it. */
export const connectDeadlineMs = 5_000;

export type ConnectionOptions = {
  readonly connectionString: string;
  readonly connectionTimeoutMillis: number;
  readonly keepAlive: true;
  readonly application_name: string;
  readonly ssl?: TlsOptions;
};

/**
 * What `pg` needs to reach the server. With `tls` given, the URL's own ssl parameters count for
 * nothing: `pg` would let them win, and `sslmode=no-verify` would switch the check off.
 *
 * @throws where a file of `tls` can't be read
 */
export async function connectionOptions(
  url: string,
  tls: PostgresTls | null,
  applicationName: string,
): Promise<ConnectionOptions> {
  const common = {
    connectionTimeoutMillis: connectDeadlineMs,
    keepAlive: true,
    application_name: applicationName,
  } as const;
  if (tls === null) return { connectionString: url, ...common };
  const target = new URL(url);
  for (const name of ['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey']) {
    target.searchParams.delete(name);
  }
  const [ca, cert, key] = await Promise.all([
    readFile(tls.caFile, 'utf8'),
    tls.certFile === null ? null : readFile(tls.certFile, 'utf8'),
    tls.keyFile === null ? null : readFile(tls.keyFile, 'utf8'),
  ]);
  return {
    connectionString: target.href,
    ...common,
    ssl: {
      ca,
      ...(cert === null || key === null ? {} : { cert, key }),
      rejectUnauthorized: true,
      // `pg` names the server only where the URL has a name; an address is checked by this.
      host: target.hostname.replace(/^\[|\]$/g, ''),
    },
  };
}
