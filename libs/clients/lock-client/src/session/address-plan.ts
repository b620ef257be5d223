/**
 * Which node to ask next, and when: the leader where somebody named it, else one after the other,
 * with growing jittered delays. Pure but for the randomness that comes in.
 */
import { backoffDelayMs, type Random } from '@windlass/base';
import {
  brokenSuspicionMs,
  electionBackoff,
  electionTriesMax,
  failureBackoff,
  redirectsMax,
  silentSuspicionMs,
} from './limits.ts';

export class AddressPlan {
  readonly #addresses: readonly string[];
  readonly #random: Pick<Random, 'next'>;
  /** Said to lead; '' where nobody is known to. */
  #leader = '';
  #next = 0;
  #current = '';
  #failures = 0;
  #elections = 0;
  #redirects = 0;
  /** Until when a node isn't believed to lead, by address. Only of known addresses and one leader. */
  readonly #suspectedUntilMs = new Map<string, number>();

  /** @param start where among the addresses to begin, so that clients spread */
  constructor(addresses: readonly string[], start: number, random: Pick<Random, 'next'>) {
    this.#addresses = addresses;
    this.#next = start % addresses.length;
    this.#random = random;
  }

  /** The address to connect to now. */
  take(): string {
    if (this.#leader !== '') {
      this.#current = this.#leader;
      this.#leader = '';
      return this.#current;
    }
    this.#current = this.#addresses[this.#next] ?? '';
    this.#next = (this.#next + 1) % this.#addresses.length;
    return this.#current;
  }

  /** The address that was taken last. */
  get current(): string {
    return this.#current;
  }

  /** The next try goes to the same node again. */
  stay(): void {
    this.#leader = this.#current;
  }

  /** The node serves the session: what went wrong before is over. */
  served(): void {
    this.#failures = 0;
    this.#elections = 0;
    this.#redirects = 0;
    this.#suspectedUntilMs.clear();
  }

  /** The node says who leads ('' if it doesn't know). Returns the delay before the next try. */
  redirected(leader: string, nowMs: number): number {
    const isSuspect = (this.#suspectedUntilMs.get(leader) ?? 0) > nowMs;
    if (leader !== '' && leader !== this.#current && !isSuspect) {
      this.#leader = leader;
      this.#redirects += 1;
      if (this.#redirects <= redirectsMax) return 0;
    }
    this.#elections += 1;
    const policy = this.#elections > electionTriesMax ? failureBackoff : electionBackoff;
    return backoffDelayMs(this.#elections, policy, this.#random);
  }

  /** The node broke off, or is silent. Returns the delay before the next try. */
  failed(isSilent: boolean, nowMs: number): number {
    if (this.#suspectedUntilMs.size > this.#addresses.length) this.#suspectedUntilMs.clear();
    this.#suspectedUntilMs.set(
      this.#current,
      nowMs + (isSilent ? silentSuspicionMs : brokenSuspicionMs),
    );
    this.#failures += 1;
    // A second node may be there at once; only a round without success is a reason to be slow.
    const rounds = Math.ceil(this.#failures / this.#addresses.length);
    return backoffDelayMs(rounds, failureBackoff, this.#random);
  }
}
