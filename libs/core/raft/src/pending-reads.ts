/**
 * Reads that wait for the leader's confirmation (dissertation, 6.4). All that were asked for before
 * one ready() share a round; a round is confirmed when a quorum has echoed its number or a later
 * one.
 */
import { assert } from '@windlass/base';
import type { ReadReady } from './types.ts';

type Round = {
  readonly sequence: number;
  readonly firstReadId: number;
  readonly lastReadId: number;
  readonly index: number;
};

export class PendingReads {
  /** Number of the newest round. It rises for as long as the node lives. */
  sequence = 0;
  #lastReadId = 0;
  /** Reads after this one have no round yet. */
  #lastReadIdInRound = 0;
  #rounds: Round[] = [];
  #ready: ReadReady[] = [];
  #lost: number[] = [];

  ask(): number {
    this.#lastReadId += 1;
    return this.#lastReadId;
  }

  get waitsForRound(): boolean {
    return this.#lastReadId > this.#lastReadIdInRound;
  }

  get hasOutcome(): boolean {
    return this.#ready.length > 0 || this.#lost.length > 0;
  }

  /** @param index the commit index: not older than that at any of the calls */
  startRound(index: number): void {
    assert(this.waitsForRound, 'a round is for somebody');
    this.sequence += 1;
    this.#rounds.push({
      sequence: this.sequence,
      firstReadId: this.#lastReadIdInRound + 1,
      lastReadId: this.#lastReadId,
      index,
    });
    this.#lastReadIdInRound = this.#lastReadId;
  }

  get hasRounds(): boolean {
    return this.#rounds.length > 0;
  }

  /** A quorum has answered the round with this number. */
  confirm(sequence: number): void {
    let count = 0;
    for (const round of this.#rounds) {
      if (round.sequence > sequence) break;
      count += 1;
      for (let readId = round.firstReadId; readId <= round.lastReadId; readId += 1) {
        this.#ready.push({ readId, index: round.index });
      }
    }
    if (count > 0) this.#rounds.splice(0, count);
  }

  /** Leadership is lost, and with it every read that isn't confirmed. */
  lose(): void {
    const first = this.#rounds[0]?.firstReadId ?? this.#lastReadIdInRound + 1;
    for (let readId = first; readId <= this.#lastReadId; readId += 1) this.#lost.push(readId);
    this.#rounds = [];
    this.#lastReadIdInRound = this.#lastReadId;
  }

  takeReady(): readonly ReadReady[] {
    const ready = this.#ready;
    if (ready.length > 0) this.#ready = [];
    return ready;
  }

  takeLost(): readonly number[] {
    const lost = this.#lost;
    if (lost.length > 0) this.#lost = [];
    return lost;
  }
}
