/** Lets tasks wait for a condition that other tasks of the same process bring about. */
export type Changes = {
  /** Something changed: every waiting condition is looked at again. */
  readonly notify: () => void;
  /** Resolves once the condition holds. Events wake, the condition decides. */
  readonly until: (condition: () => boolean) => Promise<void>;
};

export function createChanges(): Changes {
  const waiting = new Set<() => void>();
  return {
    notify: () => {
      for (const look of waiting) look();
    },
    until: (condition) =>
      new Promise((resolve) => {
        const look = () => {
          if (!condition()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
