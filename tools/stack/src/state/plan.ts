/** What a start of the stack was decided to be: its ports, and what of the user's own it uses. */

/** The listeners whose ports the stack chooses. */
export const portNames = [
  'api',
  'worker',
  'watcher',
  'lockmgr',
  'lockmgr-http',
  'postgres',
  'nats',
  'kubernetes',
] as const;
export type PortName = (typeof portNames)[number];

/** The apps, in the order in which they are shown. */
export const appNames = ['api', 'worker', 'watcher', 'lockmgr'] as const;
export type AppName = (typeof appNames)[number];

/** Of these several may run: `worker`, `worker-2`, … */
export type CopiedApp = Exclude<AppName, 'api'>;

/** A server is the stack's own, or the user's: then `shown` names it without its secrets. */
export type ServerChoice =
  | { readonly kind: 'own' }
  | { readonly kind: 'external'; readonly shown: string };

export type StackPlan = {
  /**
   * By component. 0 for a server of the user's: the stack doesn't listen there. Further copies of an
   * app are those that have a port here: `worker-2`, … A lock manager's is that of gRPC; its other
   * one is under httpPortName().
   */
  readonly ports: Readonly<Record<PortName, number>> & Readonly<Record<string, number>>;
  /** Preferred ports that something else had. */
  readonly moved: readonly {
    readonly name: string;
    readonly from: number;
    readonly to: number;
  }[];
  readonly postgres: ServerChoice;
  readonly nats: ServerChoice;
  readonly kubernetes: ServerChoice;
  readonly lockmgr: ServerChoice;
};

/** What each app's component listens on for probes and metrics; of lock managers, the gRPC port is its own. */
export function httpPortName(component: string): string {
  return appOfComponent(component) === 'lockmgr' ? `${component}-http` : component;
}

/** The app that a component is a copy of: `worker-2` of worker; null where it's none of an app. */
export function appOfComponent(name: string): AppName | null {
  const [, app, number] = /^([a-z]+)(?:-([2-9]))?$/.exec(name) ?? [];
  const known = appNames.find((each) => each === app) ?? null;
  return known === 'api' && number !== undefined ? null : known;
}

/** The components of the plan that are apps, copies included. */
export function appComponentNames(plan: Pick<StackPlan, 'ports'>): string[] {
  const planned = Object.entries(plan.ports).flatMap(([name, port]) =>
    port > 0 && appOfComponent(name) !== null ? [name] : [],
  );
  return appNames.flatMap((app) => planned.filter((name) => appOfComponent(name) === app).sort());
}

/** The name of an app's copy, counted from 1. */
export function copyName(app: AppName, number: number): string {
  return number === 1 ? app : `${app}-${number}`;
}
