/**
 * Certificates for servers on this machine, made by the pinned program `certificates`, since Node
 * can read X.509 and not write it.
 */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { locateServers } from './binaries.ts';
import type { ServerTls } from './types.ts';

export type CertificateRequest = {
  /** Files NAME.crt and NAME.key, for servers on 127.0.0.1 and localhost. */
  readonly servers: readonly string[];
  /** Files NAME.crt and NAME.key, which identify a client. */
  readonly clients: Readonly<
    Record<string, { readonly user: string; readonly group?: string | undefined }>
  >;
  /** Files NAME.key and NAME.pub. */
  readonly keyPairs?: readonly string[];
};

/** Certificates are valid for a year; those of an older data folder are made anew in time. */
const renewBeforeMs = 30 * 24 * 3600 * 1000;
const deadlineMs = 30_000;

/**
 * Writes an authority (ca.crt, ca.key) and what was asked for into a folder, unless the folder
 * has valid ones. Private keys are readable by the present user only.
 */
export async function writeCertificates(dir: string, request: CertificateRequest): Promise<void> {
  if (isFresh(join(dir, 'ca.crt'))) return;
  const newDir = `${dir}.new`;
  rmSync(newDir, { recursive: true, force: true });
  mkdirSync(newDir, { recursive: true, mode: 0o700 });
  const clients = Object.entries(request.clients).map(
    ([name, { user, group }]) => `${name}=${user}${group === undefined ? '' : `,${group}`}`,
  );
  const args = ['-dir', newDir];
  for (const name of request.servers) args.push('-server', name);
  for (const client of clients) args.push('-client', client);
  for (const name of request.keyPairs ?? []) args.push('-key-pair', name);
  await promisify(execFile)(locateServers().path('certificates'), args, { timeout: deadlineMs });
  rmSync(dir, { recursive: true, force: true });
  renameSync(newDir, dir);
}

/** For a server's options: its certificate of a folder, with or without asking clients for one. */
export function tlsOf(dir: string, name: string, options: { mutual: boolean }): ServerTls {
  return {
    certificateFile: join(dir, `${name}.crt`),
    privateKeyFile: join(dir, `${name}.key`),
    ...(options.mutual ? { clientCaFile: join(dir, 'ca.crt') } : {}),
  };
}

function isFresh(file: string): boolean {
  if (!existsSync(file)) return false;
  const certificate = new X509Certificate(readFileSync(file));
  return certificate.validToDate.getTime() - Date.now() > renewBeforeMs;
}
