/** Clients by the library: one session and one stream for each connection, shared by its tasks. */
import { createLockClient, type Lock } from '@windlass/lock-client';
import { keyOf, type LoadSettings, type OpenedClients } from './types.ts';

export async function openStreamClients(settings: LoadSettings): Promise<OpenedClients> {
  const connections = Array.from({ length: settings.connections }, (_, at) =>
    createLockClient({
      addresses: settings.addresses,
      clientName: `bench-${at}`,
      ttlMs: 60_000,
      ownConnections: true,
    }),
  );
  const pairs = Array.from({ length: settings.clients }, (_, at) => {
    const client = connections[at % connections.length];
    if (client === undefined) throw new Error('there is no connection');
    const key = keyOf(settings, at);
    let held: Lock | null = null;
    return {
      lock: async () => {
        held = await client.acquire(key, { waitMs: 60_000 });
      },
      unlock: async () => {
        await held?.release();
      },
    };
  });
  return {
    pairs,
    close: async () => {
      await Promise.all(connections.map((client) => client.close()));
    },
  };
}
