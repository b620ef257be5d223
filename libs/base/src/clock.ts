/** Where time comes from. Cores take readings as inputs; only the edge holds a Clock. */
export type Clock = {
  /** Wall clock, milliseconds since 1970-01-01T00:00:00Z. May jump. */
  readonly nowMs: () => number;
  /** Monotonic clock, milliseconds since an arbitrary start, with fractions. Never goes back. */
  readonly monotonicMs: () => number;
};

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
