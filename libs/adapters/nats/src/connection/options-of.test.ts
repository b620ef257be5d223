import { describe, expect, it } from 'vitest';
import { natsOptionsOf } from './options-of.ts';

const settings = {
  natsUrl: 'nats://a:1',
  natsSubjectPrefix: 'windlass',
  natsStreamReplicas: 1,
  natsTlsCaFile: null,
  natsTlsCertFile: null,
  natsTlsKeyFile: null,
  natsCredentialsFile: null,
  natsToken: null,
};

describe('natsOptionsOf', () => {
  it('uses no TLS and no credentials where none are set', () => {
    expect(natsOptionsOf(settings)).toEqual({ url: 'nats://a:1', tls: null, credentials: null });
  });

  it('turns TLS on with any of its files', () => {
    expect(natsOptionsOf({ ...settings, natsTlsCaFile: 'ca' }).tls).toEqual({
      caFile: 'ca',
      certFile: null,
      keyFile: null,
    });
    expect(natsOptionsOf({ ...settings, natsTlsCertFile: 'c', natsTlsKeyFile: 'k' }).tls).toEqual({
      caFile: null,
      certFile: 'c',
      keyFile: 'k',
    });
  });

  it('prefers the credentials file to the token', () => {
    expect(natsOptionsOf({ ...settings, natsToken: 't' }).credentials).toEqual({
      kind: 'token',
      token: 't',
    });
    const both = { ...settings, natsToken: 't', natsCredentialsFile: 'f' };
    expect(natsOptionsOf(both).credentials).toEqual({ kind: 'file', path: 'f' });
  });
});
