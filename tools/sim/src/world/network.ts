/**
 * The network: messages take time, get lost, come twice and overtake one another; links break in
 * one direction or in both, or turn slow. Channels are what TCP makes of it: in order, nothing
 * twice, and broken as soon as something is lost.
 */
import type { Random } from '@windlass/base';
import type { Scheduler } from './scheduler.ts';

/** Nodes are numbers from 1, clients from firstClient. */
export type Endpoint = number;

export type NetworkSettings = {
  readonly latencyMinMs: number;
  readonly latencyMaxMs: number;
  /** Parts of all messages. */
  readonly lossRate: number;
  readonly duplicateRate: number;
};

export class Network {
  settings: NetworkSettings;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #cut = new Set<string>();
  readonly #slowMs = new Map<string, number>();
  readonly #channelFreeAt = new Map<string, number>();

  constructor(scheduler: Scheduler, random: Random, settings: NetworkSettings) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.settings = settings;
  }

  /** A datagram. False where it is lost for sure; where it arrives, `arrive` runs once or twice. */
  send(from: Endpoint, to: Endpoint, arrive: () => void, extraMs = 0): boolean {
    const { duplicateRate, lossRate } = this.settings;
    if (this.isCut(from, to) || this.#random.chance(lossRate)) return false;
    this.#scheduler.after(this.#latencyMs(from, to) + extraMs, arrive);
    if (this.#random.chance(duplicateRate)) {
      this.#scheduler.after(3 * this.#latencyMs(from, to) + extraMs, arrive);
    }
    return true;
  }

  /** In order and once. False: lost, the channel has to be given up. */
  sendInOrder(channel: string, from: Endpoint, to: Endpoint, arrive: () => void): boolean {
    if (this.isCut(from, to)) return false;
    const { nowMs } = this.#scheduler;
    const earliestMs = this.#channelFreeAt.get(channel) ?? 0;
    const atMs = Math.max(nowMs + this.#latencyMs(from, to), earliestMs);
    this.#channelFreeAt.set(channel, atMs);
    this.#scheduler.after(atMs - nowMs, arrive);
    return true;
  }

  forget(channel: string): void {
    this.#channelFreeAt.delete(channel);
  }

  cut(from: Endpoint, to: Endpoint): void {
    this.#cut.add(link(from, to));
  }

  slow(from: Endpoint, to: Endpoint, extraMs: number): void {
    this.#slowMs.set(link(from, to), extraMs);
  }

  mend(from: Endpoint, to: Endpoint): void {
    this.#cut.delete(link(from, to));
    this.#slowMs.delete(link(from, to));
  }

  heal(): void {
    this.#cut.clear();
    this.#slowMs.clear();
    this.settings = { ...this.settings, lossRate: 0, duplicateRate: 0 };
  }

  isCut(from: Endpoint, to: Endpoint): boolean {
    return this.#cut.has(link(from, to));
  }

  #latencyMs(from: Endpoint, to: Endpoint): number {
    const { latencyMaxMs, latencyMinMs } = this.settings;
    const drawn = this.#random.next();
    // Mostly near the least, sometimes far from it.
    const spread = (latencyMaxMs - latencyMinMs) * drawn * drawn * drawn;
    return latencyMinMs + spread + (this.#slowMs.get(link(from, to)) ?? 0) * this.#random.next();
  }
}

function link(from: Endpoint, to: Endpoint): string {
  return `${from}>${to}`;
}
