/**
 * Tasks of one process that want the same lock through one client. To the lock manager they are one
 * session, which gets a lock that it holds once more at once; so they queue up here first, in the
 * order in which they asked: one exclusive user of a key at a time, or several shared ones.
 */

export type LocalEntrant = {
  readonly key: string;
  readonly isShared: boolean;
  /** Comes in although the key is in use: the session then holds the lock once more. */
  readonly isReentrant: boolean;
  /** It's its turn. */
  readonly admitted: () => void;
};

type Lane = {
  users: number;
  isShared: boolean;
  readonly waiting: Set<LocalEntrant>;
};

export class LocalQueue {
  readonly #lanes = new Map<string, Lane>();

  /** True: it's in at once. False: it waits until admitted() is called, or it withdraws. */
  enter(entrant: LocalEntrant): boolean {
    const { isReentrant, isShared, key } = entrant;
    const lane = this.#lanes.get(key);
    if (lane === undefined) {
      this.#lanes.set(key, { users: 1, isShared, waiting: new Set() });
      return true;
    }
    const sharesIt = lane.isShared && isShared && lane.waiting.size === 0;
    if (!isReentrant && !sharesIt) {
      lane.waiting.add(entrant);
      return false;
    }
    lane.users += 1;
    return true;
  }

  /** One that was let in is done. */
  leave(key: string): void {
    const lane = this.#lanes.get(key);
    if (lane === undefined) return;
    lane.users -= 1;
    if (lane.users > 0) return;
    if (lane.waiting.size === 0) {
      this.#lanes.delete(key);
      return;
    }
    this.#admit(lane);
  }

  /** One that waits waits no more. False: it was let in already, or never came. */
  withdraw(entrant: LocalEntrant): boolean {
    const lane = this.#lanes.get(entrant.key);
    if (lane === undefined || !lane.waiting.delete(entrant)) return false;
    if (lane.isShared) this.#admitShared(lane);
    return true;
  }

  /** True while somebody uses the key. */
  isBusy(key: string): boolean {
    return this.#lanes.has(key);
  }

  /** True if a shared entrant would be let in at once. */
  admitsShared(key: string): boolean {
    const lane = this.#lanes.get(key);
    return lane === undefined || (lane.isShared && lane.waiting.size === 0);
  }

  #admit(lane: Lane): void {
    const [first] = lane.waiting;
    if (first === undefined) return;
    lane.waiting.delete(first);
    lane.users = 1;
    lane.isShared = first.isShared;
    first.admitted();
    if (lane.isShared) this.#admitShared(lane);
  }

  #admitShared(lane: Lane): void {
    for (const entrant of lane.waiting) {
      if (!entrant.isShared) return;
      lane.waiting.delete(entrant);
      lane.users += 1;
      entrant.admitted();
    }
  }
}
