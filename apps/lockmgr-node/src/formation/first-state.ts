/**
 * What every node of a new cluster begins with: a snapshot at index 1 that holds the members and
 * the first value of the tokens. It is the same on all of them, byte by byte.
 */
import { LockMachine } from '@windlass/lock-machine';
import type { Configuration, HardState, SnapshotDescription } from '@windlass/raft';

/** Tokens of clusters that follow one another never meet: they begin with the time. */
export const tokenEpochMs = Date.UTC(2025, 0, 1);

/** Grants that a cluster would need in each millisecond of its life to overtake its successor. */
const tokensPerMs = 4_096;

/** First value of the tokens of a cluster that is created now. Below 2^53 for 69 years. */
export function tokenFloorAt(nowMs: number): number {
  return Math.max(nowMs - tokenEpochMs, 0) * tokensPerMs;
}

export type FirstState = {
  readonly description: SnapshotDescription;
  readonly machine: LockMachine;
  readonly hardState: HardState;
};

export function firstState(configuration: Configuration, tokenFloor: number): FirstState {
  const machine = new LockMachine();
  const position = { index: 1, term: 1 };
  machine.apply(position, [{ kind: 'raise-tokens', floor: tokenFloor }]);
  return {
    description: { ...position, configuration },
    machine,
    hardState: { term: 1, votedFor: 0, commit: 1 },
  };
}

/** The image of a machine, in pieces. */
export async function* imageOf(machine: LockMachine): AsyncGenerator<Uint8Array> {
  const image = machine.snapshot();
  try {
    for (let piece = image.next(pieceBytes); piece !== null; piece = image.next(pieceBytes)) {
      yield piece;
    }
  } finally {
    image.close();
  }
}

const pieceBytes = 256 * 1024;
