/**
 * Which ports the stack listens on. One that somebody asked for is taken or refused, never
 * replaced; any other gives way to whoever has it already.
 */
import { fail, ok, type Result } from '@windlass/base';

export type PortWish = {
  /** Of the listener, such as `api`. Unique among the wishes. */
  readonly name: string;
  readonly preferred: number;
  /** Set by the user in this variable: this port or none. */
  readonly explicit: boolean;
  /** Others know the listener by this port: nobody may choose another one any more. */
  readonly isKept?: boolean;
  /** The variable that sets it, for the message. */
  readonly variable: string;
};

export type ChosenPort = {
  readonly port: number;
  /** The preferred port that something else has; null where it was free or nobody asked for it. */
  readonly insteadOf: number | null;
};

export type PortProblem = {
  readonly name: string;
  readonly port: number;
  readonly variable: string;
  /**
   * `taken` by another program, also where the port is to be `kept`; or `repeated`: two listeners
   * were given the same.
   */
  readonly reason: 'taken' | 'kept' | 'repeated';
};

/** Steps away from a taken port before the system's choice is used: 8000, 8010, … 8100. */
const portStep = 10;
const stepsMax = 10;

/**
 * Chooses a port per wish: the user's, else the one used last time, else the preferred one, else
 * one near it, else any. All problems are returned at once.
 *
 * @param remembered ports of the stack's last start, by name; 0 for none
 * @param isFree whether a port can be listened on now
 * @param anyFree gives a port that the system considers free
 */
export async function choosePorts(
  wishes: readonly PortWish[],
  remembered: Readonly<Record<string, number>>,
  isFree: (port: number) => Promise<boolean>,
  anyFree: () => Promise<number>,
): Promise<Result<Record<string, ChosenPort>, PortProblem[]>> {
  const chosen: Record<string, ChosenPort> = {};
  const taken = new Set<number>();
  const problems: PortProblem[] = [];
  const usable = async (port: number) => !taken.has(port) && (await isFree(port));

  // The user's own first, so that no other listener gets one of them.
  for (const wish of wishes.filter((each) => each.explicit)) {
    const { name, preferred: port, variable } = wish;
    if (taken.has(port)) problems.push({ name, port, variable, reason: 'repeated' });
    else if (!(await isFree(port))) {
      problems.push({ name, port, variable, reason: wish.isKept === true ? 'kept' : 'taken' });
    }
    taken.add(port);
    chosen[name] = { port, insteadOf: null };
  }
  if (problems.length > 0) return fail(problems);

  for (const wish of wishes.filter((each) => !each.explicit)) {
    const last = remembered[wish.name];
    const choice =
      last !== undefined && last > 0 && (await usable(last))
        ? { port: last, insteadOf: null }
        : await nearest(wish.preferred, usable, anyFree);
    taken.add(choice.port);
    chosen[wish.name] = choice;
  }
  return ok(chosen);
}

async function nearest(
  preferred: number,
  usable: (port: number) => Promise<boolean>,
  anyFree: () => Promise<number>,
): Promise<ChosenPort> {
  if (await usable(preferred)) return { port: preferred, insteadOf: null };
  for (let step = 1; step <= stepsMax; step += 1) {
    const port = preferred + step * portStep;
    if (port <= 65_535 && (await usable(port))) return { port, insteadOf: preferred };
  }
  for (let attempt = 0; attempt < stepsMax; attempt += 1) {
    const port = await anyFree();
    if (await usable(port)) return { port, insteadOf: preferred };
  }
  throw new Error(`no free port was found instead of ${preferred}`);
}
