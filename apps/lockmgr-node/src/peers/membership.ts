/** What this node is, as it grows from an empty disk into a member. */
import type { Wal } from '@windlass/wal';
import type { Images } from '../node/images.ts';
import type { LockNode } from '../node/lock-node.ts';
import type { Peers } from './peers.ts';

/** A member of a cluster, at work. */
export type RunningMember = {
  readonly clusterId: number;
  readonly node: LockNode;
  readonly images: Images;
  readonly peers: Peers;
  readonly wal: Wal;
};

export class Membership {
  readonly nodeId: number;
  readonly name: string;
  readonly address: string;
  #running: RunningMember | null = null;
  #waiting: ((member: RunningMember) => void)[] = [];

  constructor(nodeId: number, name: string, address: string) {
    this.nodeId = nodeId;
    this.name = name;
    this.address = address;
  }

  /** Null as long as this node belongs to no cluster. */
  get running(): RunningMember | null {
    return this.#running;
  }

  run(member: RunningMember): void {
    this.#running = member;
    for (const resolve of this.#waiting) resolve(member);
    this.#waiting = [];
  }

  /** Resolves once this node is a member. */
  ran(): Promise<RunningMember> {
    if (this.#running !== null) return Promise.resolve(this.#running);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
