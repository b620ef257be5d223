/**
 * Tells the readers of the activity feed, on core NATS, that it has grown. Names are collected for a
 * moment, so that a burst is a few messages. A lost one loses nothing: readers also poll.
 */
import { ActivityWakeSchema } from '@windlass/proto/deployment/v1';
import type { Bus } from './connection/bus.ts';
import { encodeMessage } from './message.ts';
import { subjects } from './names.ts';
import { publishCore } from './publish/core.ts';

/** Long enough to collect a burst, short enough that nobody notices. */
const collectMs = 10;
/** The contract's bound on names in one message. */
const namesMax = 256;

export type ActivityPublisher = {
  /** The feed has news about this deployment. */
  readonly wake: (identifier: string) => void;
  /** Sends what is collected. Before the bus is closed. */
  readonly stop: () => void;
};

export function createActivityPublisher(bus: Bus, prefix: string): ActivityPublisher {
  const subject = subjects.activity(prefix);
  const names = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (names.size === 0) return;
    const identifiers = [...names];
    names.clear();
    const message = encodeMessage(ActivityWakeSchema, { identifiers });
    publishCore(bus, { subject, traceparent: null, ...message });
  };
  return {
    wake: (identifier) => {
      names.add(identifier);
      if (names.size >= namesMax) flush();
      else timer ??= setTimeout(flush, collectMs);
    },
    stop: flush,
  };
}
