import { Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { bearerToken, peerOf } from './peer.ts';

function callOf(certificate: Record<string, unknown> | undefined) {
  return {
    getPeer: () => '10.0.0.1:5000',
    getAuthContext: () => ({ sslPeerCertificate: certificate }) as never,
  };
}

describe('peerOf', () => {
  it('reads subject, organizations and names, sorted, without addresses', () => {
    const certificate = {
      subject: { CN: 'node-1', O: ['nodes', 'region-a'] },
      subjectaltname: 'URI:spiffe://windlass/node-1, DNS:node-1.lockmgr, IP Address:10.0.0.1',
      fingerprint256: 'AA:BB',
    };
    expect(peerOf(callOf(certificate))).toEqual({
      address: '10.0.0.1:5000',
      certificate: {
        commonName: 'node-1',
        organizations: ['nodes', 'region-a'],
        names: ['node-1.lockmgr', 'spiffe://windlass/node-1'],
        fingerprint: 'AA:BB',
      },
    });
  });

  it('takes no name out of another one', () => {
    const certificate = {
      subject: {},
      subjectaltname: 'DNS:"evil\\u002c DNS:admin", URI:"http://x/, DNS:admin"',
      fingerprint256: '',
    };
    expect(peerOf(callOf(certificate)).certificate).toMatchObject({
      commonName: '',
      organizations: [],
      names: ['evil, DNS:admin', 'http://x/, DNS:admin'],
    });
  });

  it('knows of no certificate where there is none', () => {
    expect(peerOf(callOf(undefined)).certificate).toBeNull();
  });
});

describe('bearerToken', () => {
  const metadataOf = (...values: readonly string[]) => {
    const metadata = new Metadata();
    for (const value of values) metadata.add('authorization', value);
    return metadata;
  };

  it.each([
    ['Bearer abc.def-1', 'abc.def-1'],
    ['bearer  abc=', 'abc='],
    ['Basic abc', null],
    ['Bearer', null],
    ['Bearer a b', null],
  ])('reads %j', (value, token) => {
    expect(bearerToken(metadataOf(value))).toBe(token);
  });

  it('takes none of several', () => {
    expect(bearerToken(metadataOf('Bearer a', 'Bearer b'))).toBeNull();
    expect(bearerToken(metadataOf())).toBeNull();
  });
});
