import { describe, expect, it } from 'vitest';
import { connectionOptions, postgresTls } from './connection-options.ts';

const none = { databaseTlsCaFile: null, databaseTlsCertFile: null, databaseTlsKeyFile: null };

describe('postgresTls', () => {
  it('is null without an authority', () => {
    expect(postgresTls(none)).toBeNull();
  });

  it('takes an authority, with or without a certificate', () => {
    expect(postgresTls({ ...none, databaseTlsCaFile: 'ca' })).toEqual({
      caFile: 'ca',
      certFile: null,
      keyFile: null,
    });
    const all = { databaseTlsCaFile: 'ca', databaseTlsCertFile: 'c', databaseTlsKeyFile: 'k' };
    expect(postgresTls(all)).toEqual({ caFile: 'ca', certFile: 'c', keyFile: 'k' });
  });

  it('refuses half of a pair, and a certificate without an authority', () => {
    for (const settings of [
      { ...none, databaseTlsCaFile: 'ca', databaseTlsCertFile: 'c' },
      { ...none, databaseTlsCaFile: 'ca', databaseTlsKeyFile: 'k' },
      { ...none, databaseTlsCertFile: 'c', databaseTlsKeyFile: 'k' },
    ]) {
      expect(() => postgresTls(settings)).toThrow(/DATABASE_TLS/);
    }
  });
});

describe('connectionOptions', () => {
  it('leaves TLS to the URL where none is set', async () => {
    const url = 'postgres://u:p@host/db?sslmode=verify-full';
    expect(await connectionOptions(url, null, 'app')).toEqual({
      connectionString: url,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      application_name: 'app',
    });
  });

  it('fails where a file is not there', async () => {
    const tls = { caFile: '/nowhere/ca.crt', certFile: null, keyFile: null };
    await expect(connectionOptions('postgres://host/db', tls, 'app')).rejects.toThrow(/ENOENT/);
  });
});
