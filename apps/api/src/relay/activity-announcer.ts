/**
 * Tells the other processes, on core NATS, that the activity feed has grown. Names are collected for
 * a moment, so that a burst of requests is a few messages; nothing is lost with one (readers poll).
 */
import { type Bus, encodeMessage, publishCore, subjects } from '@windlass/nats';
import { ActivityWakeSchema } from '@windlass/proto/deployment/v1';

/** Long enough to collect a burst, short enough that nobody notices. */
const COLLECT_MS = 10;
/** The contract's bound on names in one message. */
const NAMES_MAX = 256;

export type ActivityAnnouncer = {
  readonly announce: (identifier: string) => void;
  readonly stop: () => void;
};

export function createActivityAnnouncer(options: {
  /** Null while there is no connection yet. */
  readonly bus: () => Bus | null;
  readonly subjectPrefix: string;
}): ActivityAnnouncer {
  const subject = subjects.activity(options.subjectPrefix);
  const names = new Set<string>();
  let timer: NodeJS.Timeout | null = null;

  function flush(): void {
    timer = null;
    const bus = options.bus();
    const identifiers = [...names];
    names.clear();
    if (bus === null || identifiers.length === 0) return;
    publishCore(bus, {
      subject,
      traceparent: null,
      ...encodeMessage(ActivityWakeSchema, { identifiers }),
    });
  }

  return {
    announce: (identifier) => {
      names.add(identifier);
      if (names.size >= NAMES_MAX) {
        if (timer !== null) clearTimeout(timer);
        flush();
      } else timer ??= setTimeout(flush, COLLECT_MS);
    },
    stop: () => {
      if (timer !== null) clearTimeout(timer);
      flush();
    },
  };
}
