/**
 * Who may do what beyond using locks: a bearer token or a certificate's name makes an operator, a
 * certificate's name makes a node. Without any such setting nobody is an operator over a network,
 * but whoever runs the node is: loopback callers of a node that has no rule.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Metadata } from '@grpc/grpc-js';
import { bearerToken, type PeerIdentity, peerOf } from '@windlass/grpc';
import { LockCode } from '@windlass/lock-wire';
import { LockFailure } from '../node/lock-failure.ts';
import { toGrpcError } from './service-error.ts';

export type AccessSettings = {
  readonly adminToken: string | null;
  readonly adminNames: readonly string[];
  readonly peerNames: readonly string[];
  readonly tlsClientCertificates: boolean;
};

type PeerCall = Parameters<typeof peerOf>[0];

export type AccessRules = {
  /** The operator's name, for the audit log; throws PERMISSION_DENIED. */
  readonly requireOperator: (metadata: Metadata, peer: PeerIdentity) => string;
  readonly requirePeer: (call: PeerCall) => void;
  readonly requirePeerIdentity: (peer: PeerIdentity) => void;
};

export function createAccessRules(settings: AccessSettings): AccessRules {
  const { adminNames, adminToken, peerNames, tlsClientCertificates } = settings;
  const hasRule = adminToken !== null || adminNames.length > 0;

  function requireOperator(metadata: Metadata, peer: PeerIdentity): string {
    const token = bearerToken(metadata);
    if (adminToken !== null && token !== null && same(adminToken, token)) return 'admin token';
    const name = namesOf(peer).find((each) => adminNames.includes(each));
    if (name !== undefined) return name;
    if (!hasRule && isLoopback(peer.address)) return `local caller ${peer.address}`;
    throw new LockFailure(
      LockCode.PermissionDenied,
      'needs the token of ADMIN_TOKEN or a certificate that ADMIN_CERTIFICATE_NAMES names',
    );
  }

  function requirePeerIdentity(peer: PeerIdentity): void {
    if (!tlsClientCertificates || peerNames.length === 0) return;
    if (namesOf(peer).some((name) => peerNames.includes(name))) return;
    throw toGrpcError(
      new LockFailure(LockCode.PermissionDenied, 'PEER_CERTIFICATE_NAMES does not name the caller'),
    );
  }

  return {
    requireOperator,
    requirePeerIdentity,
    requirePeer: (call) => requirePeerIdentity(peerOf(call)),
  };
}

function namesOf({ certificate }: PeerIdentity): readonly string[] {
  return certificate === null ? [] : [certificate.commonName, ...certificate.names];
}

function same(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Not all of 127/8: a mesh's sidecar delivers other pods' calls from an address in there. */
function isLoopback(address: string): boolean {
  return /^(?:127\.0\.0\.1|\[::1\]|::1|\[?::ffff:127\.0\.0\.1\]?):\d+$/.test(address);
}
