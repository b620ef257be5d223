/** The end of a server: what is in flight finishes, and no connection is waited for in vain. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How often connections that have become idle are looked for while the server closes. */
const idleCheckIntervalMs = 50;

/** What each server has open. Bounded by its limit of connections. */
const openSockets = new WeakMap<Server, Set<Socket>>();

/**
 * Stops accepting, lets what is in flight finish, and breaks off what is left at the deadline.
 * Streams end by themselves: the app registers a `preClose` hook that ends them.
 */
export async function closeHttpServer(server: FastifyInstance, deadlineMs: number): Promise<void> {
  const deadline = setTimeout(() => server.server.closeAllConnections(), deadlineMs);
  // Node closes those that are idle when the closing begins; others would stay for their whole
  // keep-alive time.
  const idle = setInterval(() => {
    server.server.closeIdleConnections();
    closeUnusedConnections(server.server);
  }, idleCheckIntervalMs);
  try {
    await server.close();
  } finally {
    clearTimeout(deadline);
    clearInterval(idle);
  }
}

/** Connections that nothing came over yet don't count as idle for Node: they would be waited for. */
function closeUnusedConnections(server: Server): void {
  for (const socket of openSockets.get(server) ?? []) {
    if (socket.bytesRead === 0) socket.destroy();
  }
}

/** Answers that are sent while the server closes tell the client not to use the connection again. */
export function endConnectionsAtClose(server: FastifyInstance): void {
  const sockets = new Set<Socket>();
  openSockets.set(server.server, sockets);
  server.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  let isClosing = false;
  server.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing) reply.header('connection', 'close');
    done(null, payload);
  });
}
