/**
 * `?wait=applied|rollout`: the answer is held back until the request has ended and, for rollout, until
 * the deployment's health is settled. Whatever the wait ends with, the request goes on by itself.
 */
import { WindlassError } from '@windlass/errors';
import type { DeploymentStore, RequestRecord, Scope } from '@windlass/postgres';
import { RequestStatus, RequestType } from '@windlass/request-machine';
import { Health } from '@windlass/rollout-health';
import type { ActivityFeed } from '../events/activity-feed.ts';
import { type Waited, WaitOutcome } from '../schemas/request.ts';

export const WaitFor = { Applied: 'applied', Rollout: 'rollout' } as const;
export type WaitFor = (typeof WaitFor)[keyof typeof WaitFor];

/** Without news from the feed the rows are looked at this often: it may have missed something. */
const pollMs = 1_000;
/** A pause between looks, so that a chatty rollout isn't one query per pod. */
const spacingMs = 10;

export type WaitResult = { readonly record: RequestRecord; readonly waited: Waited };

export type RolloutWait = {
  /**
   * Takes one of the places for waiting. Before anything is queued: a wait that can't be had is
   * refused as a whole.
   *
   * @throws WindlassError `rate-limited` where all places are taken
   */
  readonly reserve: () => WaitPlace;
};

export type WaitPlace = {
  /** Waits for the newest revision of the request. Releases the place. */
  readonly wait: (
    scope: Scope,
    record: RequestRecord,
    waitFor: WaitFor,
    timeoutMs: number,
    signal: AbortSignal,
  ) => Promise<WaitResult>;
  /** Gives the place back, where there is nothing to wait for. May be called again. */
  readonly release: () => void;
};

export function createRolloutWait(options: {
  readonly store: Pick<DeploymentStore, 'getRequest' | 'getDeployment'>;
  readonly feed: ActivityFeed;
  readonly waitsMax: number;
  /** Aborts when the process stops: waits end, answers go out. */
  readonly stopping: AbortSignal;
  readonly monotonicMs: () => number;
}): RolloutWait {
  const { store, feed, monotonicMs } = options;
  let places = 0;

  return { reserve };

  function reserve(): WaitPlace {
    if (places >= options.waitsMax) {
      throw new WindlassError('rate-limited', 'Too many requests wait already.', {
        retryAfterMs: 1_000,
      });
    }
    places += 1;
    let held = true;
    const release = () => {
      if (held) places -= 1;
      held = false;
    };
    return {
      release,
      wait: async (...parameters) => {
        try {
          return await wait(...parameters);
        } finally {
          release();
        }
      },
    };
  }

  async function wait(
    scope: Scope,
    record: RequestRecord,
    waitFor: WaitFor,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<WaitResult> {
    const endMs = monotonicMs() + timeoutMs;
    const news = createNews(feed, record.identifier, [signal, options.stopping]);
    let current = record;
    try {
      for (;;) {
        const settled = await look(scope, current, waitFor);
        current = settled.record;
        if (settled.waited !== null) return { record: current, waited: settled.waited };
        const leftMs = endMs - monotonicMs();
        if (news.ended()) return unsettled(settled.record, settled.seen, WaitOutcome.Interrupted);
        if (leftMs <= 0) return unsettled(settled.record, settled.seen, WaitOutcome.Timeout);
        await news.next(Math.min(leftMs, pollMs));
      }
    } finally {
      news.close();
    }
  }

  /** How things stand now. `waited` is null while there is something to wait for. */
  async function look(scope: Scope, known: RequestRecord, waitFor: WaitFor) {
    const record = (await store.getRequest(scope, known.id)) ?? known;
    if (record.status === RequestStatus.Failure) {
      return { record, seen: null, waited: { outcome: WaitOutcome.Failed } };
    }
    if (record.status === RequestStatus.Created) return { record, seen: null, waited: null };
    if (waitFor === WaitFor.Applied) {
      return { record, seen: null, waited: { outcome: WaitOutcome.Applied } };
    }
    const seen = await store.getDeployment({ userId: null }, record.identifier);
    const isOurs = seen !== null && seen.userId === record.userId;
    if (record.type === RequestType.Delete) {
      const waited = isOurs ? null : { outcome: WaitOutcome.Deleted };
      return { record, seen, waited };
    }
    const isCurrent =
      isOurs && seen.revision >= record.revision && seen.observedGeneration >= seen.generation;
    const outcome = isCurrent ? settledOutcome(seen.health) : null;
    const waited = outcome === null || seen === null ? null : describe(seen, outcome);
    return { record, seen: isOurs ? seen : null, waited };
  }
}

type Seen = {
  readonly health: Health;
  readonly healthReason: string;
  readonly healthMessage: string;
};

function settledOutcome(health: Health): WaitOutcome | null {
  switch (health) {
    case Health.Healthy:
      return WaitOutcome.Healthy;
    case Health.Degraded:
      return WaitOutcome.Degraded;
    case Health.Suspended:
      return WaitOutcome.Suspended;
    case Health.Progressing:
    case Health.Missing:
      return null;
    default:
      return health satisfies never;
  }
}

function describe(seen: Seen, outcome: WaitOutcome): Waited {
  return {
    outcome,
    health: seen.health,
    reason: seen.healthReason,
    message: seen.healthMessage,
  };
}

function unsettled(record: RequestRecord, seen: Seen | null, outcome: WaitOutcome): WaitResult {
  return { record, waited: seen === null ? { outcome } : describe(seen, outcome) };
}

/** Wakes whoever waits for news of one deployment; ends with any of the signals. */
function createNews(feed: ActivityFeed, identifier: string, signals: readonly AbortSignal[]) {
  let hasNews = false;
  let wakeUp: (() => void) | null = null;
  const ring = () => {
    hasNews = true;
    wakeUp?.();
  };
  const leave = feed.listen((records) => {
    const concerns = records.some((record) => record.identifier === identifier);
    if (records.length === 0 || concerns) ring();
  });
  for (const signal of signals) signal.addEventListener('abort', ring);
  return {
    ended: () => signals.some((signal) => signal.aborted),
    next: async (timeoutMs: number): Promise<void> => {
      if (!hasNews) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          wakeUp = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wakeUp = null;
      }
      hasNews = false;
      await new Promise<void>((resolve) => setTimeout(resolve, spacingMs));
    },
    close: () => {
      leave();
      for (const signal of signals) signal.removeEventListener('abort', ring);
    },
  };
}
