import type { PeerCertificate } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { parseNatsUrls, serverIdentityCheck } from './servers.ts';

/** The certificate of a server, as Node hands it over. */
function certificate(subjectaltname: string): PeerCertificate {
  const name = { C: '', ST: '', L: '', O: '', OU: '', CN: 'nats' };
  return {
    subject: name,
    issuer: name,
    subjectaltname,
    ca: false,
    raw: Buffer.alloc(0),
    valid_from: '',
    valid_to: '',
    serialNumber: '',
    fingerprint: '',
    fingerprint256: '',
    fingerprint512: '',
  };
}

describe('parseNatsUrls', () => {
  it('reads one or several, with the default port', () => {
    expect(parseNatsUrls('nats://nats')).toEqual({
      ok: true,
      value: { addresses: ['nats:4222'], credentials: null, requiresTls: false },
    });
    expect(parseNatsUrls('nats://a:1, tls://[::1]:2')).toMatchObject({
      ok: true,
      value: { addresses: ['a:1', '[::1]:2'], requiresTls: true },
    });
  });

  it('takes credentials out of the address', () => {
    expect(parseNatsUrls('nats://ada:s%40cret@a:1,nats://b:2')).toEqual({
      ok: true,
      value: {
        addresses: ['a:1', 'b:2'],
        credentials: { kind: 'password', user: 'ada', password: 's@cret' },
        requiresTls: false,
      },
    });
    expect(parseNatsUrls('nats://t0ken@a:1')).toMatchObject({
      value: { credentials: { kind: 'token', token: 't0ken' } },
    });
  });

  it.each(['', 'nats:4222', 'http://ada:s3cret@a', 'nats://', 'nats://a,ada:s3cret@b'])(
    'refuses %j, and quotes nothing of it',
    (text) => {
      const parsed = parseNatsUrls(text);
      expect(parsed.ok).toBe(false);
      expect(JSON.stringify(parsed)).not.toMatch(/s3cret|ada/);
    },
  );
});

describe('serverIdentityCheck', () => {
  it('compares an address that was configured, not "localhost"', () => {
    const check = serverIdentityCheck(['10.0.0.5:4222', '[fd00::1]:4222']);
    expect(check('localhost', certificate('IP Address:10.0.0.5'))).toBeUndefined();
    expect(check('localhost', certificate('IP Address:fd00:0:0:0:0:0:0:1'))).toBeUndefined();
    expect(check('localhost', certificate('DNS:localhost'))).toBeInstanceOf(Error);
    expect(check('localhost', certificate('IP Address:10.0.0.6'))).toBeInstanceOf(Error);
  });

  it('compares a name as usual', () => {
    const check = serverIdentityCheck(['nats.example:4222', '10.0.0.5:4222']);
    expect(check('nats.example', certificate('DNS:nats.example'))).toBeUndefined();
    expect(check('nats.example', certificate('IP Address:10.0.0.5'))).toBeInstanceOf(Error);
    const local = serverIdentityCheck(['localhost:4222']);
    expect(local('localhost', certificate('DNS:localhost'))).toBeUndefined();
    expect(local('localhost', certificate('DNS:other'))).toBeInstanceOf(Error);
  });
});
