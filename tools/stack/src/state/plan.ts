/** What a start of the stack was decided to be: its ports, and what of the user's own it uses. */

/** The listeners whose ports the stack chooses. */
export const portNames = ['api', 'worker', 'watcher', 'postgres', 'nats', 'kubernetes'] as const;
export type PortName = (typeof portNames)[number];

/** A server is the stack's own, or the user's: then `shown` names it without its secrets. */
export type ServerChoice =
  | { readonly kind: 'own' }
  | { readonly kind: 'external'; readonly shown: string };

export type StackPlan = {
  /** 0 for a server of the user's: the stack doesn't listen there. */
  readonly ports: Readonly<Record<PortName, number>>;
  /** Preferred ports that something else had. */
  readonly moved: readonly {
    readonly name: PortName;
    readonly from: number;
    readonly to: number;
  }[];
  readonly postgres: ServerChoice;
  readonly nats: ServerChoice;
  readonly kubernetes: ServerChoice;
};
