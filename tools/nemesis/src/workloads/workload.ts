/** What uses the platform while it is hurt, remembers what it was promised, and looks in the end. */
import type { Fault } from '../faults/fault.ts';

/** A promise that was broken, with everything that is needed to look further. */
export type Violation = {
  /** Which rule: `lost`, `doubled`, `stuck`, … */
  readonly rule: string;
  /** The deployment, request or other thing that it's about. */
  readonly subject: string;
  readonly detail: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

export type SummaryRow = { readonly name: string; readonly value: string };

export type Workload = {
  readonly name: string;
  /** Faults that belong to this workload; the schedule takes them with the others. */
  readonly faults: readonly Fault[];
  readonly start: () => Promise<void>;
  /** Sends as much as it may at once, in the background. */
  readonly stir: () => void;
  /** Starts nothing more and waits for what is under way, within a deadline. */
  readonly stop: () => Promise<void>;
  /** One line: accepted, succeeded, failed, pending. Never rejects. */
  readonly progress: () => Promise<string>;
  /**
   * What is broken as of now. Called again and again until it's nothing, or the deadline is over;
   * rejects where the platform can't be read, which together() makes a violation.
   */
  readonly check: () => Promise<readonly Violation[]>;
  readonly summary: () => Promise<readonly SummaryRow[]>;
  /** Takes away what it made; only after a run without violations. */
  readonly clear: () => Promise<void>;
  /** Closes what it holds. */
  readonly close: () => Promise<void>;
};
