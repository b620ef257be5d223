import type { Server } from 'node:net';
import { assert } from '@windlass/base';

/** Where a server that listens on TCP does so. */
export function portOf(server: Server): number {
  const address = server.address();
  assert(address !== null && typeof address === 'object', 'the server listens on a port');
  return address.port;
}
