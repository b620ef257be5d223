/**
 * Seeded random numbers (sfc32 by Chris Doty-Humphrey, from PractRand; seeded by hashing with
 * FNV-1a). Not for secrets. The same seed and name give the same numbers on every machine.
 */
export type Random = {
  /** Uniform in [0, 1), 32 bits of it. */
  readonly next: () => number;
  /** Uniform whole number in [min, max], both included. Requires min <= max. */
  readonly integer: (min: number, max: number) => number;
  /** True with the given probability (0 to 1). */
  readonly chance: (probability: number) => boolean;
  /** One of the items, which must not be empty. */
  readonly pick: <Item>(items: readonly Item[]) => Item;
  /** An independent stream: drawing from one never moves another. */
  readonly child: (name: string) => Random;
};

export function seededRandom(seed: number | string): Random {
  const next = sfc32(String(seed));
  const integer = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[integer(0, items.length - 1)];
      if (item === undefined) throw new RangeError('pick from an empty list');
      return item;
    },
    child: (name) => seededRandom(`${seed}/${name}`),
  };
}

/** Unseeded, for the edge: jitter in production. */
export const systemRandom: Pick<Random, 'next'> = { next: () => Math.random() };

function sfc32(seed: string): () => number {
  let a = fnv1a(`${seed}a`);
  let b = fnv1a(`${seed}b`);
  let c = fnv1a(`${seed}c`);
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let warmUp = 0; warmUp < 15; warmUp += 1) next();
  return next;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash;
}
