/**
 * Histories, models and verdicts. A history is linearizable if each operation can be thought to
 * take effect at one moment between its call and its return, so that a model explains all outputs
 * (Herlihy and Wing, "Linearizability", 1990).
 *
 * Next: check.ts; for locks: locks/model.ts.
 */

/** One operation as its caller saw it. Times are of one clock, in whatever unit. */
export type Operation<Input, Output> = {
  /** Who called it; for people. */
  readonly caller: string;
  readonly input: Input;
  /** Null: unknown. It may take effect at any time after the call, or never. */
  readonly output: Output | null;
  readonly calledAt: number;
  /** Null exactly where the output is null. Invariant: calledAt <= returnedAt. */
  readonly returnedAt: number | null;
};

/** What the objects should do, one operation after the other. */
export type Model<State, Input, Output> = {
  readonly initial: State;
  /**
   * The state after the operation, or null where it can't have this output in this state. Output
   * null: the state if it takes effect now; null where it has none.
   */
  readonly step: (state: State, input: Input, output: Output | null) => State | null;
  /**
   * Equal for states that behave alike from here on, given that the same operations with an
   * output took effect. What only operations without output left in a state may be left out, as
   * far as having it there never allows what its absence (with those still to come) forbids.
   */
  readonly key: (state: State) => string;
  /** True where the operation never changes a state: it's placed at the first that explains it. */
  readonly isRead: (input: Input, output: Output | null) => boolean;
  /**
   * False where letting `candidate` (whose output is unknown) take effect right before `target`
   * can't make any difference to what may follow. True is always right, and slow.
   */
  readonly mayMatter: (state: State, candidate: Input, target: Operation<Input, Output>) => boolean;
};

export type CheckLimits = {
  /** Most calls of the model's step; beyond it the verdict is 'unknown'. */
  readonly stepsMax: number;
};

/** Why a history isn't linearizable, as far as that can be told in short. */
export type Violation<State, Input, Output> = {
  /** Operations that had returned, this one included, when the prefix became inexplicable. */
  readonly prefixLength: number;
  /** The operation whose return makes it so: without it the prefix is linearizable. */
  readonly failed: Operation<Input, Output>;
  /** Not returned at that time: they may have taken effect or not. In the order of their calls. */
  readonly concurrent: readonly Operation<Input, Output>[];
  /** The longest explanation of the prefix without `failed`: its operations, in order. */
  readonly linearization: readonly Operation<Input, Output>[];
  /** The state at its end. */
  readonly state: State;
};

export type Verdict<State, Input, Output> =
  | { readonly kind: 'linearizable'; readonly steps: number }
  /** stepsMax is used up: nothing is known beyond that prefix. */
  | { readonly kind: 'unknown'; readonly steps: number; readonly prefixLength: number }
  | {
      readonly kind: 'violation';
      readonly steps: number;
      readonly violation: Violation<State, Input, Output>;
    };
