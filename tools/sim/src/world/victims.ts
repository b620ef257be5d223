/** What a nemesis does to a node of any scenario, on its host and its disk. */
import type { Victims } from './nemesis.ts';

export type VictimNode = {
  readonly id: number;
  readonly host: { readonly pause: () => void; readonly resume: () => void };
  readonly disk: { slowFactor: number; isFull: boolean };
  readonly crash: () => void;
  readonly start: () => void;
};

type NodeFaults = Pick<
  Victims,
  'nodes' | 'crash' | 'start' | 'pause' | 'resume' | 'slowDisk' | 'fullDisk'
>;

/** @param nodes with the ids 1, 2, 3, … in this order */
export function nodeFaults(nodes: readonly VictimNode[]): NodeFaults {
  const at = (id: number) => nodes[id - 1];
  const ids = nodes.map(({ id }) => id);
  return {
    nodes: () => ids,
    crash: (id) => at(id)?.crash(),
    start: (id) => at(id)?.start(),
    pause: (id) => at(id)?.host.pause(),
    resume: (id) => at(id)?.host.resume(),
    slowDisk: (id, factor) => {
      const disk = at(id)?.disk;
      if (disk !== undefined) disk.slowFactor = factor;
    },
    fullDisk: (id, isFull) => {
      const disk = at(id)?.disk;
      if (disk !== undefined) disk.isFull = isFull;
    },
  };
}
