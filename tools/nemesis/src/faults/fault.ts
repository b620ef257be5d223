/** What can be done to a running stack. A fault is picked by the schedule, held, and undone. */
import type { Random } from '@windlass/base';
import type { StackProcesses } from './stack-processes.ts';

/** Puts right what the fault did. Called once, also when the nemesis is interrupted. */
export type Undo = () => Promise<void>;

export type FaultContext = {
  readonly processes: StackProcesses;
  /** Has the workload send much at once: what is hurt right afterwards is in the middle of it. */
  readonly stir: () => void;
  /** Adds to the fault's line: what exactly was done. */
  readonly note: (text: string) => void;
};

export type Fault = {
  /** Such as `kill worker`; unique. */
  readonly name: string;
  /** How often it comes up, against the others: a whole number from 1. */
  readonly weight: number;
  /** How long it stays before it is undone, in milliseconds. */
  readonly holdMs: { readonly min: number; readonly max: number };
  /** True where the whole platform can do little meanwhile: no two such faults overlap. */
  readonly isOutage: boolean;
  /** What it is done to: one fault at a time, so that no kill ends a freeze. Null: to no process. */
  readonly component: string | null;
  /** @param random its own stream: the same for the same seed and place in the schedule */
  readonly inject: (context: FaultContext, random: Random) => Promise<Undo>;
};

export const nothingToUndo: Undo = () => Promise.resolve();
