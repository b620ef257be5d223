/**
 * Publishes the wake of every accepted revision a second time under another message id, at once or
 * some seconds later: to the worker a message that was delivered twice, late and out of order.
 */
import { newUuid, type Random } from '@windlass/base';
import { type Bus, encodeMessage, publish, subjects } from '@windlass/nats';
import { RevisionWakeSchema } from '@windlass/proto/deployment/v1';
import type { Promised } from './ledger.ts';

export type DuplicateWakes = {
  readonly add: (promised: Promised) => void;
  readonly counts: () => { readonly published: number; readonly notPublished: number };
  /** Settles when none is under way. */
  readonly stop: () => Promise<void>;
};

const delayMaxMs = 5_000;
/** More can only be waiting when NATS is away for long; further ones are left out. */
const waitingMax = 1_000;

/** @param deadlineMs a wake that isn't published by then is left out */
export function createDuplicateWakes(
  bus: Bus,
  prefix: string,
  deadlineMs: number,
  random: Random,
): DuplicateWakes {
  const timers = new Set<NodeJS.Timeout>();
  const underWay = new Set<Promise<void>>();
  let published = 0;
  let notPublished = 0;

  const send = async ({ identifier, requestId, revision }: Promised) => {
    const wake = { identifier, requestId, revision: BigInt(revision) };
    const result = await publish(bus, {
      subject: subjects.revision(prefix, identifier),
      id: newUuid(),
      deadlineMs,
      traceparent: null,
      ...encodeMessage(RevisionWakeSchema, wake),
    });
    if (result.ok) published += 1;
    else notPublished += 1;
  };
  return {
    add: (promised) => {
      if (timers.size + underWay.size >= waitingMax) {
        notPublished += 1;
        return;
      }
      const delayMs = random.chance(0.5) ? 0 : random.integer(0, delayMaxMs);
      const timer = setTimeout(() => {
        timers.delete(timer);
        const sending = send(promised).finally(() => underWay.delete(sending));
        underWay.add(sending);
      }, delayMs);
      timers.add(timer);
    },
    counts: () => ({ published, notPublished }),
    stop: async () => {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      await Promise.all(underWay);
    },
  };
}
