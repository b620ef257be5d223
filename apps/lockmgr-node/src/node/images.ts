/**
 * Images of the state, one after the other: the machine keeps what changes for one of them at a
 * time. Snapshots of the node and backups of operators wait for each other here.
 */
import type { LockReplica } from '@windlass/lock-replica';

export type TakenImage = ReturnType<LockReplica['beginSnapshot']>;

export class Images {
  readonly #replica: LockReplica;
  #last: Promise<void> = Promise.resolve();

  constructor(replica: LockReplica) {
    this.#replica = replica;
  }

  /** Begins an image when it's its turn, and closes it when the work has ended. */
  async take<Value>(work: (taken: TakenImage) => Promise<Value>): Promise<Value> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      const taken = this.#replica.beginSnapshot();
      try {
        return await work(taken);
      } finally {
        taken.image.close();
      }
    } finally {
      resolve();
    }
  }
}
