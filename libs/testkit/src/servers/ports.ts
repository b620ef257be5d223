/**
 * Free TCP ports for servers that are told their port on the command line.
 *
 * They come from below the range that Linux and macOS give to outgoing connections. A port from
 * within that range can be taken by an outgoing connection before the server listens, or while it
 * is stopped for a while; and a client that keeps trying such a port can even connect to itself.
 */
import { createServer } from 'node:net';

const portMin = 20_000;
const portMax = 29_999;

/** A used port is found at once, so that this many tries mean that something else is wrong. */
const triesMax = 200;

/** Ports of 127.0.0.1 that nothing listens on now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let tries = 0; tries < triesMax && ports.size < count; tries += 1) {
    const port = portMin + Math.floor(Math.random() * (portMax - portMin + 1));
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  if (ports.size < count) {
    throw new Error(`no ${count} free ports of 127.0.0.1 between ${portMin} and ${portMax}`);
  }
  return [...ports];
}

/** The wanted port, or a free one for 0. */
export async function portOrFree(port: number): Promise<number> {
  if (port !== 0) return port;
  const [free] = await freePorts(1);
  return free ?? 0;
}

/** True when nothing listens on that port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}
