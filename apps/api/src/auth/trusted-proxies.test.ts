import { describe, expect, it } from 'vitest';
import { createPeerJudge, isAddressRange, isLoopback } from './trusted-proxies.ts';

const nobody = { proxies: [], sharedSecret: null, loopbackOnly: false };
const trusted = { user: true, roles: true };
const distrusted = { user: false, roles: false };

describe('peers', () => {
  it('are trusted inside the configured ranges, also where IPv4 comes as IPv6', () => {
    const judge = createPeerJudge({ ...nobody, proxies: ['10.1.0.0/16', 'fd00::/8', '192.0.2.7'] });
    expect(judge('10.1.2.3', undefined)).toEqual(trusted);
    expect(judge('::ffff:10.1.2.3', undefined)).toEqual(trusted);
    expect(judge('fd12::1', undefined)).toEqual(trusted);
    expect(judge('192.0.2.7', undefined)).toEqual(trusted);
    expect(judge('192.0.2.8', undefined)).toEqual(distrusted);
    expect(judge('10.2.0.1', undefined)).toEqual(distrusted);
    expect(judge('', undefined)).toEqual(distrusted);
  });

  it('are trusted with the shared secret, and only with exactly that', () => {
    const judge = createPeerJudge({ ...nobody, sharedSecret: 'correct horse battery' });
    expect(judge('203.0.113.9', 'correct horse battery')).toEqual(trusted);
    expect(judge('203.0.113.9', 'correct horse batterz')).toEqual(distrusted);
    expect(judge('203.0.113.9', '')).toEqual(distrusted);
    expect(judge('203.0.113.9', undefined)).toEqual(distrusted);
    // A neighbour isn't trusted once there is a rule.
    expect(judge('127.0.0.1', undefined)).toEqual(distrusted);
  });

  it('on loopback may name the user but give no roles, where nothing is configured', () => {
    const judge = createPeerJudge({ ...nobody, loopbackOnly: true });
    expect(judge('127.0.0.1', undefined)).toEqual({ user: true, roles: false });
    expect(judge('::1', undefined)).toEqual({ user: true, roles: false });
    expect(judge('::ffff:127.0.0.1', undefined)).toEqual({ user: true, roles: false });
    expect(judge('192.0.2.1', undefined)).toEqual(distrusted);
  });

  it('are never trusted where nothing is configured and strangers can reach us', () => {
    expect(createPeerJudge(nobody)('127.0.0.1', undefined)).toEqual(distrusted);
  });
});

describe('addresses', () => {
  it.each(['10.0.0.0/8', '::1/128', '192.0.2.7', 'fd00::1'])('%s is a range', (text) => {
    expect(isAddressRange(text)).toBe(true);
  });
  it.each(['10.0.0.0/33', 'proxy', '', '12', '10.0.0.0/'])('%s is none', (text) => {
    expect(isAddressRange(text)).toBe(false);
  });
  it('tells loopback from the rest', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', 'example.com'].some(isLoopback)).toBe(false);
  });
});
