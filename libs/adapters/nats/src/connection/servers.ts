/** From configured URLs to what the NATS client takes: addresses, credentials, TLS. Pure. */
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { fail, ok, type Result } from '@windlass/base';

/** Who we are to the server. Values of this type are never logged. */
export type NatsCredentials =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** A credentials file: the user's JWT and the seed of its key. */
  | { readonly kind: 'file'; readonly path: string };

export type NatsTls = {
  /** PEM file of the authority that signs the server's certificate; null: those Node knows. */
  readonly caFile: string | null;
  /** PEM files of our own certificate and its key, for mutual TLS. Both or neither. */
  readonly certFile: string | null;
  readonly keyFile: string | null;
};

export type NatsServers = {
  /** `host:port`, without credentials: safe to log. */
  readonly addresses: readonly string[];
  /** From the URLs' user part, where there is one. */
  readonly credentials: NatsCredentials | null;
  /** True where a URL says tls:// */
  readonly requiresTls: boolean;
};

const defaultPort = 4222;

/**
 * Reads one or several NATS URLs, separated by commas. A problem never quotes the URL, which may
 * hold a password.
 */
export function parseNatsUrls(text: string): Result<NatsServers, string> {
  const parts = text.split(',').map((part) => part.trim());
  const addresses: string[] = [];
  let credentials: NatsCredentials | null = null;
  let requiresTls = false;
  for (const [index, part] of parts.entries()) {
    const url = URL.canParse(part) ? new URL(part) : null;
    const isNats = url?.protocol === 'nats:' || url?.protocol === 'tls:';
    if (url === null || !isNats || url.hostname === '') {
      return fail(
        `NATS URL ${index + 1} of ${parts.length} is not nats://host:port or tls://host:port`,
      );
    }
    addresses.push(`${url.hostname}:${url.port === '' ? defaultPort : url.port}`);
    requiresTls ||= url.protocol === 'tls:';
    credentials ??= credentialsOf(url);
  }
  return ok({ addresses, credentials, requiresTls });
}

function credentialsOf(url: URL): NatsCredentials | null {
  const user = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  if (user === '') return null;
  return password === '' ? { kind: 'token', token: user } : { kind: 'password', user, password };
}

/**
 * How to check the server's certificate where it is addressed by IP.
 *
 * The client hands an existing socket to Node's TLS without a name in that case, and Node then
 * compares the certificate with "localhost". So the addresses that were configured are compared
 * instead; a host name is checked as usual.
 */
export function serverIdentityCheck(
  addresses: readonly string[],
): (host: string, certificate: PeerCertificate) => Error | undefined {
  const hosts = addresses.map(hostOf);
  const ips = hosts.filter((host) => isIP(host) !== 0);
  return (host, certificate) => {
    if (ips.length === 0 || (host !== 'localhost' && host !== '')) {
      return checkServerIdentity(host, certificate);
    }
    const names = hosts.includes('localhost') ? ['localhost', ...ips] : ips;
    const problems = names.map((name) => checkServerIdentity(name, certificate));
    return problems.includes(undefined) ? undefined : problems[0];
  };
}

/** The host of `host:port`, an IPv6 address without its brackets. */
function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}
