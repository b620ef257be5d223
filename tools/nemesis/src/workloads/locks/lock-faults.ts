/**
 * Faults on the cluster of lock managers: its leader, a follower, so many that no quorum is left, all.
 * Who leads is asked when the fault is done. One such fault at a time; the other faults of the
 * schedule go on beside it.
 */
import type { Random } from '@windlass/base';
import type { Fault, FaultContext, Undo } from '../../faults/fault.ts';

type Span = { readonly min: number; readonly max: number };

export type LockFaultOptions = {
  /** Components of the stack that are lock managers. */
  readonly nodes: readonly string[];
  /** The component that leads, or null. */
  readonly leader: () => Promise<string | null>;
};

const Victims = {
  Leader: 'the lock leader',
  Follower: 'a lock follower',
  Most: 'most lock managers',
  All: 'all lock managers',
} as const;
type Victims = (typeof Victims)[keyof typeof Victims];

const seconds = (min: number, max: number): Span => ({ min: min * 1_000, max: max * 1_000 });

/** An orderly end takes its grace, of which the stack gives 8 s. */
const killMs = seconds(10, 12);
/** From less than an election to more than the TTL of most sessions here. */
const frozenMs = { min: 200, max: 8_000 };
const downMs = seconds(3, 10);
/** How soon one that is to stay down is ended again. */
const downPollMs = 100;
const hardProbability = 0.6;

/** No two at once: a kill shall not end a freeze. */
const group = 'lock managers';

export function lockFaults(options: LockFaultOptions): readonly Fault[] {
  if (options.nodes.length === 0) return [];
  const rows: readonly { victims: Victims; kill: number; freeze: number; down: number }[] = [
    { victims: Victims.Leader, kill: 3, freeze: 3, down: 0 },
    { victims: Victims.Follower, kill: 1, freeze: 1, down: 1 },
    { victims: Victims.Most, kill: 1, freeze: 1, down: 1 },
    { victims: Victims.All, kill: 1, freeze: 1, down: 1 },
  ];
  const possible = options.nodes.length > 1 ? rows : rows.slice(0, 1);
  return possible.flatMap(({ victims, kill, freeze, down }) =>
    [
      fault(`kill ${victims}`, kill, killMs, options, victims, killAll),
      fault(`freeze ${victims}`, freeze, frozenMs, options, victims, freezeAll),
      fault(`keep ${victims} down`, down, downMs, options, victims, keepDown),
    ].filter(({ weight }) => weight > 0),
  );
}

type Strike = (context: FaultContext, components: readonly string[], random: Random) => Undo;

function fault(
  name: string,
  weight: number,
  holdMs: Span,
  options: LockFaultOptions,
  victims: Victims,
  strike: Strike,
): Fault {
  return {
    name,
    weight,
    holdMs,
    isOutage: false,
    component: group,
    inject: async (context, random) => {
      const chosen = chooseVictims(victims, options.nodes, await options.leader(), random);
      return strike(context, chosen, random);
    },
  };
}

/** The leader is among those that take the quorum away: without it they would hardly be missed. */
export function chooseVictims(
  victims: Victims,
  nodes: readonly string[],
  leader: string | null,
  random: Random,
): readonly string[] {
  const first = leader ?? random.pick(nodes);
  const others = nodes.filter((name) => name !== first);
  switch (victims) {
    case Victims.Leader:
      return [first];
    case Victims.Follower:
      return [random.pick(others)];
    case Victims.Most:
      return [first, ...others].slice(0, Math.ceil(nodes.length / 2));
    case Victims.All:
      return nodes;
    default:
      return victims satisfies never;
  }
}

function killAll(
  { processes, note }: FaultContext,
  components: readonly string[],
  random: Random,
): Undo {
  const signal = random.chance(hardProbability) ? 'SIGKILL' : 'SIGTERM';
  const signalled = components.flatMap((component) => {
    const done = processes.signal(component, signal);
    return done === null ? [] : [{ component, ...done }];
  });
  note(`${signal} to ${named(signalled)}`);
  return () => {
    for (const { component, endIfAlive } of signalled) {
      if (endIfAlive()) note(`${component} had not ended: SIGKILL`);
    }
    return Promise.resolve();
  };
}

function freezeAll({ processes, note }: FaultContext, components: readonly string[]): Undo {
  const frozen = components.flatMap((component) => {
    const done = processes.freeze(component, frozenMs.max);
    return done === null ? [] : [{ component, ...done }];
  });
  note(`SIGSTOP to ${named(frozen)}`);
  return () => {
    for (const { thaw } of frozen) thaw();
    note(`SIGCONT to ${named(frozen)}`);
    return Promise.resolve();
  };
}

function keepDown({ processes, note }: FaultContext, components: readonly string[]): Undo {
  let kills = 0;
  const strike = () => {
    for (const component of components) {
      if (processes.signal(component, 'SIGKILL') !== null) kills += 1;
    }
  };
  strike();
  const timer = setInterval(strike, downPollMs);
  note(`SIGKILL to ${components.join(', ')} whenever they run`);
  return () => {
    clearInterval(timer);
    note(`${components.join(', ')} may start again, after ${kills} ends`);
    return Promise.resolve();
  };
}

function named(hit: readonly { readonly component: string; readonly pid: number }[]): string {
  const list = hit.map(({ component, pid }) => `${component} (pid ${pid})`).join(', ');
  return list === '' ? 'nobody: none of them runs' : list;
}
