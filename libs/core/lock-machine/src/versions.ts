/**
 * What differs between versions of the lock machine. A new behaviour is a field of Features that
 * is switched on by a logged version, once every node has a table that knows it; two nodes then
 * never apply one entry differently (invariant 11).
 *
 * To introduce version 2: add a field with the old behaviour as its value in version 1, and a row.
 * The simulation of rolling upgrades passes a table of its own to the constructor.
 */
export type Features = {
  /** How far the counter of tokens moves with each grant. */
  readonly tokenStep: number;
};

/** By version. The first version is 1. */
export type VersionTable = ReadonlyMap<number, Features>;

export const firstVersion = 1;

export const versionTable: VersionTable = new Map([[firstVersion, { tokenStep: 1 }]]);
