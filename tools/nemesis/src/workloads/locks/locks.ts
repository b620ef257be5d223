/**
 * The locks' workload: users who take and give back locks, a witness who sees all of it, and a look at
 * the cluster when everything is healed. See session.ts, witness.ts, user.ts, check-cluster.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@windlass/base';
import type { Metrics } from '@windlass/telemetry';
import type { SummaryRow, Violation, Workload } from '../workload.ts';
import {
  checkAvailable,
  checkCaughtUp,
  checkLeft,
  checkStatuses,
  leftLocks,
} from './check-cluster.ts';
import { openLibrarySession } from './library-session.ts';
import { lockFaults } from './lock-faults.ts';
import { lockNodes } from './lock-nodes.ts';
import { openPlainSession } from './plain-session.ts';
import type { LockKind, LockSession, Wish } from './session.ts';
import { type LockCounts, runUser } from './user.ts';
import { createWitness } from './witness.ts';

export type LocksOptions = {
  readonly addresses: readonly string[];
  /** Components of the stack that are lock managers; none where they are the user's own. */
  readonly components: readonly string[];
  readonly runId: string;
  readonly metrics: Metrics;
  readonly random: Random;
};

/** Enough that every lock is contended, few enough to leave the machine to the rest. */
const plainUsers = 6;
const libraryUsers = 6;

const exclusive: LockKind = { mode: 'exclusive', limit: 0 };
const shared: LockKind = { mode: 'shared', limit: 0 };
const semaphore: LockKind = { mode: 'semaphore', limit: 3 };
const sharedProbability = 0.7;

/** How long locks of a name are held. */
const holdsMs = { short: { min: 0, max: 200 }, long: { min: 2_000, max: 12_000 } } as const;
const waitsMs = [0, 300, 1_500, 4_000] as const;
const shortPlaces = ['short-0', 'short-1', 'short-2', 'shared', 'permits'] as const;
const longPlaces = ['long-0', 'long-1'] as const;
const places = [...shortPlaces, ...longPlaces];
type Place = (typeof places)[number];
/** Rare, so that most of the time users don't wait for them. */
const longProbability = 0.1;

/** A round of a user, sleep and tries included. */
const stopDeadlineMs = 60_000;
const checkTtlMs = 10_000;
const catchUpMs = 500;

export function createLocksWorkload(options: LocksOptions): Workload {
  const { addresses, components, metrics, random, runId } = options;
  const prefix = `nemesis/${runId}/`;
  const nodes = lockNodes(addresses, metrics);
  const witness = createWitness();
  const counts: LockCounts = {
    sessions: 0,
    sessionsLost: 0,
    grants: 0,
    notGranted: 0,
    releases: 0,
    lateWrites: 0,
    lateWritesRefused: 0,
  };
  const ending = new AbortController();
  const users = new Map<string, Promise<void>>();

  function start(name: string, open: (ttlMs: number) => Promise<LockSession | null>): void {
    const { signal } = ending;
    const own = random.child(name);
    const wish = (drawn: Random) => wishFor(prefix, drawn);
    const run = runUser({ name, witness, nodes, open, wish, counts, random: own, signal });
    const ended = run
      .catch((error: unknown) => witness.tells('user-failed', name, String(error)))
      .finally(() => users.delete(name));
    users.set(name, ended);
  }

  const plain = (clientName: string, ttlMs: number) =>
    openPlainSession({ nodes, ttlMs, clientName, random: random.child(clientName) });

  return {
    name: 'locks',
    faults: lockFaults({
      nodes: components,
      leader: async () => {
        const said = [...(await nodes.statuses()).values()].filter((status) => status !== null);
        const leaders = said.filter(({ role }) => role === 'leader');
        const [newest] = leaders.toSorted((left, right) => Number(right.term - left.term));
        return newest?.name ?? null;
      },
    }),
    start: () => {
      for (let user = 0; user < plainUsers; user += 1) {
        const name = `plain-${user}`;
        start(name, (ttlMs) => plain(name, ttlMs));
      }
      for (let user = 0; user < libraryUsers; user += 1) {
        const clientName = `library-${user}`;
        start(clientName, (ttlMs) =>
          Promise.resolve(openLibrarySession({ addresses, ttlMs, clientName })),
        );
      }
      return Promise.resolve();
    },
    // They are at it all the time.
    stir: () => undefined,
    stop: async () => {
      ending.abort();
      await Promise.race([Promise.all(users.values()), sleep(stopDeadlineMs)]);
      for (const name of users.keys()) {
        witness.tells('unanswered', name, 'the user still waits for an answer');
      }
    },
    progress: () => {
      const { grants, releases, sessions, sessionsLost } = counts;
      const failures = witness.violations().length;
      return Promise.resolve(
        `granted ${grants}, released ${releases}, sessions ${sessions}, lost ${sessionsLost}, violations ${failures}`,
      );
    },
    check: async () => {
      const earlier = await nodes.statuses();
      await sleep(catchUpMs);
      const later = await nodes.statuses();
      const left = checkLeft(await leftLocks(nodes, prefix, random.child('check')));
      const now = [...checkStatuses(later), ...checkCaughtUp(earlier, later), ...left];
      if (now.length > 0) return [...witness.violations(), ...now];
      return [...witness.violations(), ...(await available())];
    },
    summary: () => Promise.resolve(summary(counts, nodes.slowestMs())),
    clear: () => Promise.resolve(),
    close: () => {
      nodes.close();
      return Promise.resolve();
    },
  };

  async function available(): Promise<readonly Violation[]> {
    const session = await plain('check', checkTtlMs);
    if (session === null) throw new Error('no session is opened');
    const wishes = places.map((place) => ({ key: prefix + place, kind: exclusive }));
    try {
      return await checkAvailable(session, wishes, witness.floorToken());
    } finally {
      await session.close();
    }
  }
}

function wishFor(prefix: string, random: Random): Wish & { holdMs: number } {
  const isLong = random.chance(longProbability);
  const place = random.pick(isLong ? longPlaces : shortPlaces);
  const holdMs = isLong ? holdsMs.long : holdsMs.short;
  return {
    key: prefix + place,
    kind: kindOf(place, random),
    waitMs: random.pick(waitsMs),
    holdMs: random.integer(holdMs.min, holdMs.max),
  };
}

function kindOf(place: Place, random: Random): LockKind {
  if (place === 'permits') return semaphore;
  return place === 'shared' && random.chance(sharedProbability) ? shared : exclusive;
}

function summary(counts: LockCounts, slowestMs: number): readonly SummaryRow[] {
  return [
    { name: 'locks granted', value: `${counts.grants} (${counts.notGranted} not in time)` },
    { name: 'locks released', value: String(counts.releases) },
    {
      name: 'lock sessions',
      value: `${counts.sessions} (${counts.sessionsLost} ended while in use)`,
    },
    {
      name: 'writes after the end of a session',
      value: `${counts.lateWrites} (${counts.lateWritesRefused} refused by their token)`,
    },
    { name: 'slowest answer of a lock manager', value: `${(slowestMs / 1_000).toFixed(1)} s` },
  ];
}
