/**
 * TLS from files. A server looks at its files again and again and takes new ones for the
 * connections that come after; those that are open stay as they are.
 */
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import {
  type ChannelCredentials,
  credentials as channelCredentials,
  ServerCredentials,
} from '@grpc/grpc-js';
import type { Log } from '@windlass/telemetry';

export type ServerTlsFiles = {
  /** PEM: the server's certificate, then those between it and the authority. */
  readonly certificateFile: string;
  readonly privateKeyFile: string;
  /** PEM: with it every client must show a certificate of this authority (mutual TLS). */
  readonly clientCaFile?: string;
};

export type ClientTlsFiles = {
  /** PEM: the authority of the server's certificate; the system's authorities without it. */
  readonly caFile?: string;
  /** PEM: what identifies the client, where the server asks for it. */
  readonly certificateFile?: string;
  readonly privateKeyFile?: string;
};

/** Kubernetes renews a mounted secret within about a minute; certificates are renewed days ahead. */
export const reloadIntervalMs = 10_000;

/** Credentials, and an end to looking at the files. Throws where the files can't be used. */
export function serverCredentials(
  files: ServerTlsFiles | null,
  log: Log,
  intervalMs = reloadIntervalMs,
): { readonly credentials: ServerCredentials; readonly stop: () => void } {
  if (files === null) {
    return { credentials: ServerCredentials.createInsecure(), stop: () => undefined };
  }
  let current = contextOf(files);
  const credentials = new FileCredentials(current.options, files.clientCaFile !== undefined);
  const timer = setInterval(() => {
    try {
      const next = contextOf(files);
      if (next.text === current.text) return;
      current = next;
      credentials.replace(next.options);
      log.info('certificates_reloaded', { file: files.certificateFile });
    } catch (error) {
      // Half written, or not a pair yet: what was loaded stays until they are.
      log.error('certificates_not_usable', { file: files.certificateFile, error });
    }
  }, intervalMs);
  timer.unref();
  return { credentials, stop: () => clearInterval(timer) };
}

/** Read once: a client that is to use renewed files is made anew. */
export function clientCredentials(files: ClientTlsFiles | null): ChannelCredentials {
  if (files === null) return channelCredentials.createInsecure();
  return channelCredentials.createSsl(
    readIfAny(files.caFile),
    readIfAny(files.privateKeyFile),
    readIfAny(files.certificateFile),
  );
}

function readIfAny(file: string | undefined): Buffer | null {
  return file === undefined ? null : readFileSync(file);
}

/** Checked: what OpenSSL doesn't take throws here, and not at the first connection. */
function contextOf(files: ServerTlsFiles): { options: SecureContextOptions; text: string } {
  const cert = readFileSync(files.certificateFile);
  const key = readFileSync(files.privateKeyFile);
  const ca = files.clientCaFile === undefined ? undefined : readFileSync(files.clientCaFile);
  const options = { cert, key, ...(ca === undefined ? {} : { ca }) };
  createSecureContext(options);
  return { options, text: [cert, key, ca ?? ''].join('\n') };
}

/** grpc-js replaces the context of its listeners by itself when told of another one. */
class FileCredentials extends ServerCredentials {
  constructor(options: SecureContextOptions, isMutual: boolean) {
    super({ requestCert: isMutual, rejectUnauthorized: isMutual }, options);
  }

  replace(options: SecureContextOptions): void {
    this.updateSecureContextOptions(options);
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}
