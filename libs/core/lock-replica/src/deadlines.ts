/**
 * Many deadlines at little cost: items wait in slots of a coarse clock and are looked at when
 * their slot is over. An item that was renewed meanwhile is put back by whoever owns it: nothing
 * is ever searched for or removed.
 */

/** Width of a slot: what fires, fires at most this late. */
export const slotMs = 20;

export class Deadlines<Item> {
  readonly #slots = new Map<number, Item[]>();
  /** Every slot before this one is empty. */
  #nextSlot = 0;

  /** Fires not before `atMs`, and at most one slot (and one turn of the owner) after it. */
  add(atMs: number, item: Item): void {
    const slot = Math.max(Math.ceil(atMs / slotMs), this.#nextSlot);
    const waiting = this.#slots.get(slot);
    if (waiting === undefined) this.#slots.set(slot, [item]);
    else waiting.push(item);
  }

  /** Takes out what is due; the owner puts back what isn't. */
  due(nowMs: number): readonly Item[] {
    const last = Math.floor(nowMs / slotMs);
    if (last < this.#nextSlot) return nothing;
    const due = last - this.#nextSlot > this.#slots.size ? this.#sweep(last) : this.#walk(last);
    this.#nextSlot = last + 1;
    return due;
  }

  clear(): void {
    this.#slots.clear();
  }

  #walk(last: number): readonly Item[] {
    let due: Item[] | null = null;
    for (let slot = this.#nextSlot; slot <= last; slot += 1) {
      const items = this.#slots.get(slot);
      if (items === undefined) continue;
      this.#slots.delete(slot);
      due = due === null ? items : due.concat(items);
    }
    return due ?? nothing;
  }

  /** After a long silence there are fewer slots in use than slots to walk. */
  #sweep(last: number): readonly Item[] {
    const slots = [...this.#slots.keys()].filter((slot) => slot <= last);
    slots.sort((left, right) => left - right);
    return slots.flatMap((slot) => {
      const items = this.#slots.get(slot) ?? [];
      this.#slots.delete(slot);
      return items;
    });
  }
}

const nothing: readonly never[] = [];
