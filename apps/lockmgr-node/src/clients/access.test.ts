import { Metadata } from '@grpc/grpc-js';
import type { PeerIdentity } from '@windlass/grpc';
import { describe, expect, it } from 'vitest';
import { type AccessSettings, createAccessRules } from './access.ts';

const none: AccessSettings = {
  adminToken: null,
  adminNames: [],
  peerNames: [],
  tlsClientCertificates: false,
};

const local: PeerIdentity = { address: '127.0.0.1:5000', certificate: null };
const remote: PeerIdentity = { address: '10.0.0.9:5000', certificate: null };

function named(name: string): PeerIdentity {
  const certificate = { commonName: name, organizations: [], names: [], fingerprint: 'AA' };
  return { ...remote, certificate };
}

function bearer(token: string): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  return metadata;
}

describe('an operator', () => {
  it('is whoever calls over loopback, as long as there is no rule', () => {
    const rules = createAccessRules(none);
    expect(rules.requireOperator(new Metadata(), local)).toContain('127.0.0.1');
    const sidecar = { ...local, address: '127.0.0.6:5000' };
    for (const peer of [remote, sidecar]) {
      expect(() => rules.requireOperator(new Metadata(), peer)).toThrow('ADMIN_TOKEN');
    }
  });

  it('has the token, wherever they call from', () => {
    const rules = createAccessRules({ ...none, adminToken: 'correct-horse-battery' });
    expect(rules.requireOperator(bearer('correct-horse-battery'), remote)).toBe('admin token');
    for (const wrong of ['', 'correct-horse-batterz', 'correct-horse-battery-']) {
      expect(() => rules.requireOperator(bearer(wrong), local)).toThrow('ADMIN_TOKEN');
    }
    expect(() => rules.requireOperator(new Metadata(), local)).toThrow('ADMIN_TOKEN');
  });

  it('has a certificate of a name that the settings give', () => {
    const rules = createAccessRules({ ...none, adminNames: ['ops'] });
    expect(rules.requireOperator(new Metadata(), named('ops'))).toBe('ops');
    expect(() => rules.requireOperator(new Metadata(), named('app'))).toThrow('ADMIN');
  });
});

describe('a node', () => {
  it('shows a certificate of a name that the settings give, where they ask for one', () => {
    const rules = createAccessRules({ ...none, tlsClientCertificates: true, peerNames: ['node'] });
    expect(() => rules.requirePeerIdentity(named('node'))).not.toThrow();
    expect(() => rules.requirePeerIdentity(named('app'))).toThrow('PEER_CERTIFICATE_NAMES');
    expect(() => rules.requirePeerIdentity(remote)).toThrow('PEER_CERTIFICATE_NAMES');
    expect(() => createAccessRules(none).requirePeerIdentity(remote)).not.toThrow();
  });
});
