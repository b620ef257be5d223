/**
 * The connections between clients and nodes: streams, which are in order and break, and unary
 * calls. A side that is cut off learns of it by silence, the other one at once.
 */
import { required } from '@windlass/base';
import type { CallAnswer, CallRequest, StreamEnd } from '@windlass/lock-replica';
import type { SessionRequestFrame, SessionResponseFrame } from '@windlass/lock-wire';
import type { World } from '../world/world.ts';
import type { LockNode } from './lock-node.ts';

/** A node gives up a silent peer by keep-alive after so long. */
const keepAliveMs = 2_000;

/** What a client hears. */
export type StreamListener = {
  readonly endpoint: number;
  readonly frame: (frame: SessionResponseFrame) => void;
  /** By the node (with its reason), or because the connection broke (null). */
  readonly ended: (end: StreamEnd | null) => void;
};

type Stream = { readonly id: number; readonly node: number; readonly listener: StreamListener };

type Call = {
  readonly endpoint: number;
  readonly node: number;
  readonly answered: (answer: CallAnswer) => void;
};

export class Connections {
  readonly #world: World;
  readonly #nodeOf: (id: number) => LockNode | undefined;
  readonly #streams = new Map<number, Stream>();
  readonly #calls = new Map<number, Call>();
  #ids = 0;

  constructor(world: World, nodeOf: (id: number) => LockNode | undefined) {
    this.#world = world;
    this.#nodeOf = nodeOf;
  }

  /** A new stream to a node. It is open at once, as far as the client can tell. */
  open(node: number, listener: StreamListener): number {
    this.#ids += 1;
    const id = this.#ids;
    this.#streams.set(id, { id, node, listener });
    const arrive = () => {
      if (this.#streams.has(id) || this.#node(node).host.isUp) this.#node(node).connect(id);
      if (!this.#node(node).host.isUp) this.#refused(id);
    };
    this.#toNode(id, listener.endpoint, node, arrive);
    return id;
  }

  send(id: number, frame: SessionRequestFrame): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    const { node, listener } = stream;
    this.#toNode(id, listener.endpoint, node, () => this.#node(node).frame(id, frame));
  }

  /** The client doesn't listen any more. The node learns of it; where it is lost, by keep-alive. */
  close(id: number, isLost = false): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#streams.delete(id);
    const { node, listener } = stream;
    const gone = () => this.#node(node).disconnect(id);
    const { network, scheduler } = this.#world;
    if (isLost || !network.sendInOrder(`${id}>`, listener.endpoint, node, gone)) {
      scheduler.after(keepAliveMs, gone);
    }
    network.forget(`${id}>`);
    network.forget(`${id}<`);
  }

  toClient(node: number, id: number, frame: SessionResponseFrame): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    const arrive = () => this.#streams.get(id)?.listener.frame(frame);
    const { endpoint } = stream.listener;
    const arrives = this.#world.network.sendInOrder(`${id}<`, node, endpoint, arrive);
    // Nothing may follow what is lost.
    if (!arrives) this.#breakLater(stream);
  }

  endedByNode(node: number, end: StreamEnd): void {
    const stream = this.#streams.get(end.stream);
    this.#node(node).host.after(0, () => this.#node(node).disconnect(end.stream));
    if (stream === undefined) return;
    const arrive = () => {
      if (this.#streams.delete(end.stream)) stream.listener.ended(end);
    };
    const { endpoint } = stream.listener;
    if (!this.#world.network.sendInOrder(`${end.stream}<`, node, endpoint, arrive)) {
      this.#breakLater(stream);
    }
  }

  /** What it had accepted is gone; the other side's system says so, where it can. */
  nodeCrashed(node: number): void {
    for (const stream of this.#streams.values()) {
      if (stream.node === node) this.#breakLater(stream);
    }
  }

  call(
    endpoint: number,
    node: number,
    request: CallRequest,
    answered: (answer: CallAnswer) => void,
  ): void {
    this.#ids += 1;
    const id = this.#ids;
    this.#calls.set(id, { endpoint, node, answered });
    this.#world.network.sendInOrder(`${id}>`, endpoint, node, () => {
      this.#world.network.forget(`${id}>`);
      this.#node(node).call(id, request);
    });
  }

  answer(node: number, id: number, answer: CallAnswer): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    this.#world.network.sendInOrder(`${id}<`, node, call.endpoint, () => {
      this.#world.network.forget(`${id}<`);
      call.answered(answer);
    });
  }

  #toNode(id: number, endpoint: number, node: number, arrive: () => void): void {
    const { network } = this.#world;
    if (network.sendInOrder(`${id}>`, endpoint, node, arrive)) return;
    const stream = this.#streams.get(id);
    if (stream !== undefined) this.#breakLater(stream);
  }

  #refused(id: number): void {
    const stream = this.#streams.get(id);
    if (stream !== undefined) this.#breakLater(stream);
  }

  /** The client notices after a while; the node gets a disconnect by keep-alive. */
  #breakLater(stream: Stream): void {
    const { id, listener, node } = stream;
    if (!this.#streams.has(id)) return;
    this.#streams.delete(id);
    const { scheduler } = this.#world;
    scheduler.after(50, () => listener.ended(null));
    scheduler.after(keepAliveMs, () => this.#node(node).disconnect(id));
  }

  #node(id: number): LockNode {
    return required(this.#nodeOf(id), 'a node');
  }
}
