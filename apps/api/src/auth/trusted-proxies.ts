/**
 * Which peers may say who the user is. In header mode everything hangs on this: whoever reaches the
 * API directly could otherwise claim to be anybody.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [Address, number];

/** Header in which a proxy shows the shared secret. */
export const proxySecretHeader = 'x-proxy-secret';

export type TrustRules = {
  /** CIDR ranges or single addresses; already checked by isAddressRange. */
  readonly proxies: readonly string[];
  readonly sharedSecret: string | null;
  /** Bound to loopback with neither of the above: every peer is on this machine. */
  readonly loopbackOnly: boolean;
};

export type Trust = {
  /** May name the user. */
  readonly user: boolean;
  /** May also give roles: only a proxy that was configured, never merely a process beside us. */
  readonly roles: boolean;
};

export type JudgePeer = (peerAddress: string, shownSecret: string | undefined) => Trust;

const distrusted: Trust = { user: false, roles: false };
const trustedProxy: Trust = { user: true, roles: true };
const neighbour: Trust = { user: true, roles: false };

export function createPeerJudge(rules: TrustRules): JudgePeer {
  const ranges = rules.proxies.map(parseRange);
  const secretDigest = rules.sharedSecret === null ? null : digest(rules.sharedSecret);
  const configured = ranges.length > 0 || secretDigest !== null;
  return (peerAddress, shownSecret) => {
    if (ranges.length > 0 && isInside(peerAddress, ranges)) return trustedProxy;
    if (secretDigest !== null && shownSecret !== undefined) {
      // Digests have one length, so the comparison takes the same time whatever is shown.
      return timingSafeEqual(digest(shownSecret), secretDigest) ? trustedProxy : distrusted;
    }
    return !configured && rules.loopbackOnly && isLoopback(peerAddress) ? neighbour : distrusted;
  };
}

/** True for `10.0.0.0/8`, `fd00::/8`, `192.0.2.7` and the like. */
export function isAddressRange(text: string): boolean {
  return ipaddr.isValidCIDR(text) || (ipaddr.isValid(text) && !/^\d+$/.test(text));
}

/** True for a host that only this machine can reach: 127.0.0.0/8, ::1, localhost. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  return ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback';
}

function parseRange(text: string): Range {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function isInside(peerAddress: string, ranges: readonly Range[]): boolean {
  if (!ipaddr.isValid(peerAddress)) return false;
  // process() turns ::ffff:10.0.0.1, as a dual-stack socket reports it, into 10.0.0.1.
  const peer = ipaddr.process(peerAddress);
  return ranges.some(([range, bits]) => peer.kind() === range.kind() && peer.match(range, bits));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
