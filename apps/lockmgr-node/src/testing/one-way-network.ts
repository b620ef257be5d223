/**
 * The network between the nodes of a cluster, of which one direction can be cut. Each node calls the
 * others through an HTTP proxy of its own (`grpc_proxy`, which grpc-js heeds), so that caller and
 * callee of every connection are known. A cut keeps the bytes back, as a network that loses packets
 * does: they arrive late when it heals, or never if the connection is closed by then.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { freePorts } from '@windlass/testkit';

export type OneWayNetwork = {
  /** For the option nodeEnv of startLockmgr. */
  readonly envOf: (name: string) => Readonly<Record<string, string>>;
  /** Nothing that `from` says reaches `to` from now on. Addresses as in LOCKMGR_PEERS, and names. */
  readonly cut: (from: NetworkNode, to: NetworkNode) => void;
  readonly heal: () => void;
  readonly close: () => Promise<void>;
};

export type NetworkNode = { readonly name: string; readonly address: string };

/** A caller's connection to an address. */
type Tunnel = {
  readonly caller: string;
  readonly callee: string;
  readonly near: Duplex;
  readonly far: Socket;
};

/** Names of nodes are lockmgr-0 and so on; more than a test starts. */
const nodesMax = 5;

export async function openNetwork(): Promise<OneWayNetwork> {
  const tunnels = new Set<Tunnel>();
  let cuts: { readonly from: NetworkNode; readonly to: NetworkNode }[] = [];
  const ports = await freePorts(nodesMax);
  const servers: Server[] = [];

  function apply(tunnel: Tunnel): void {
    const { caller, callee, far, near } = tunnel;
    const there = cuts.some(({ from, to }) => from.name === caller && to.address === callee);
    const back = cuts.some(({ from, to }) => from.address === callee && to.name === caller);
    setFlow(near, far, !there);
    setFlow(far, near, !back);
  }

  function applyAll(): void {
    for (const tunnel of tunnels) apply(tunnel);
  }

  function open(caller: string, callee: string, near: Duplex): void {
    const [host = '', port = '0'] = callee.split(':');
    const far = connect({ host, port: Number(port), allowHalfOpen: false });
    const tunnel = { caller, callee, near, far };
    const end = () => {
      tunnels.delete(tunnel);
      near.destroy();
      far.destroy();
    };
    near.on('error', end).on('close', end);
    far.on('error', end).on('close', end);
    far.once('connect', () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      tunnels.add(tunnel);
      apply(tunnel);
    });
  }

  for (const [index, port] of ports.entries()) {
    const server = createServer();
    server.on('connect', (request: IncomingMessage, near: Duplex) => {
      open(nameOf(index), request.url ?? '', near);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  }

  return {
    envOf: (name) => {
      const port = ports.find((_port, index) => nameOf(index) === name);
      return { grpc_proxy: `http://127.0.0.1:${port ?? 0}` };
    },
    cut: (from, to) => {
      cuts.push({ from, to });
      applyAll();
    },
    heal: () => {
      cuts = [];
      applyAll();
    },
    close: async () => {
      for (const { far, near } of tunnels) {
        near.destroy();
        far.destroy();
      }
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function nameOf(index: number): string {
  return `lockmgr-${index}`;
}

function setFlow(source: Duplex, sink: Duplex, isOpen: boolean): void {
  source.unpipe(sink);
  if (isOpen) source.pipe(sink);
  else source.pause();
}
