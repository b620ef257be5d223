/** Who calls: what mutual TLS and the metadata say. Neither is a right to anything by itself. */

import type { Metadata } from '@grpc/grpc-js';
import type { AuthContext } from '@grpc/grpc-js/build/src/auth-context.js';

export type PeerCertificate = {
  readonly commonName: string;
  /** Organizations (O) of the subject: groups, as in Kubernetes. */
  readonly organizations: readonly string[];
  /** Subject alternative names of DNS and URI (such as a SPIFFE id), sorted. */
  readonly names: readonly string[];
  /** SHA-256 of the certificate, in hexadecimal with colons. */
  readonly fingerprint: string;
};

export type PeerIdentity = {
  /** Address and port of the connection; behind a proxy, the proxy's. */
  readonly address: string;
  /** Null without mutual TLS. Its chain was verified in the handshake. */
  readonly certificate: PeerCertificate | null;
};

type PeerCall = { readonly getPeer: () => string; readonly getAuthContext: () => AuthContext };

export function peerOf(call: PeerCall): PeerIdentity {
  const certificate = call.getAuthContext().sslPeerCertificate;
  return {
    address: call.getPeer(),
    certificate:
      certificate === undefined
        ? null
        : {
            commonName: listOf(certificate.subject.CN)[0] ?? '',
            organizations: listOf(certificate.subject.O),
            names: alternativeNames(certificate.subjectaltname ?? ''),
            fingerprint: certificate.fingerprint256,
          },
  };
}

/** The token of `authorization: Bearer …`; null where there is none. */
export function bearerToken(metadata: Metadata): string | null {
  const values = metadata.get('authorization');
  const [value] = values;
  if (values.length !== 1 || typeof value !== 'string') return null;
  return /^Bearer +([\w.~+/=-]+) *$/i.exec(value)?.[1] ?? null;
}

/** Node gives one value as a text, and several as a list. */
function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** `DNS:a.example, URI:spiffe://x`; what could be mistaken for a separator comes as a JSON text. */
function alternativeNames(text: string): readonly string[] {
  const names: string[] = [];
  for (const [, plain, quoted] of text.matchAll(/(?:DNS|URI):(?:([^",]+)|("(?:[^"\\]|\\.)*"))/g)) {
    if (plain !== undefined) names.push(plain);
    else if (quoted !== undefined) names.push(String(JSON.parse(quoted)));
  }
  return names.toSorted();
}
