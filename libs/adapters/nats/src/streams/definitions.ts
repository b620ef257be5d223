/**
 * The streams of the deployment manager, as data. `ensureStreams` makes them so.
 *
 * JetStream sets the sum of all max_bytes aside from the server's file store, so each bound is
 * what the stream needs at its worst and not more: 176 MiB together, per replica.
 */
import { patterns, StreamKind, streamName } from '../names.ts';

export type StreamDefinition = {
  readonly name: string;
  readonly description: string;
  readonly subjects: readonly string[];
  /** limits: kept until a bound; workqueue: kept until acknowledged, or until a bound. */
  readonly retention: 'limits' | 'workqueue';
  /** At max_bytes: drop the oldest message, or refuse the new one. */
  readonly discard: 'old' | 'new';
  /** Messages older than this are dropped. */
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  /** Largest message that is taken, headers included. */
  readonly maxMessageBytes: number;
  /** Messages kept per subject, the newest ones; null = no bound. */
  readonly messagesPerSubjectMax: number | null;
  /** A message whose id came within this time is acknowledged and not stored again. */
  readonly duplicateWindowMs: number;
  /** Servers that keep a copy, 1 to 5. Always on disk. */
  readonly replicas: number;
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const kibibyte = 1_024;
const mebibyte = 1_024 * kibibyte;

/**
 * A wake-up that nobody fetched for a week is worth nothing: the workers' sweepers find the row it
 * speaks of. A week outlasts an outage over holidays.
 */
const wakeMaxAgeMs = 7 * dayMs;

/** Some 150,000 wake-ups of 400 bytes: ten times what the largest planned fleet has deployments. */
const wakeMaxBytes = 64 * mebibyte;

/** Wake-ups carry names and ids: under 1 KiB. More is a mistake of the sender. */
const wakeMaxMessageBytes = 16 * kibibyte;

/**
 * A relay repeats a message within seconds, once it had no acknowledgement. The server keeps every
 * id of the window in memory: 2 minutes at 1,500/s are some 20 MB. A later repetition only wakes
 * once more.
 */
const wakeDuplicateWindowMs = 2 * minuteMs;

/** Two weeks, so that whoever comes back from a holiday can still look at and replay them. */
const deadLetterMaxAgeMs = 14 * dayMs;

/** Dead letters are rare; after a bad day there may be 20,000 of some 2 KiB. Then the oldest go. */
const deadLetterMaxBytes = 40 * mebibyte;

/** A dead letter holds the message it is about, whose bound is wakeMaxMessageBytes, and a reason. */
const deadLetterMaxMessageBytes = 64 * kibibyte;

/** A message may be given up twice when the process dies in between: its next delivery is the
 * latest that this takes, at most the longest back-off. */
const deadLetterDuplicateWindowMs = hourMs;

/** An advisory is some 400 bytes: 20,000 of them. Missed ones are found by the sweepers. */
const advisoryMaxBytes = 8 * mebibyte;

/**
 * @param prefix the stack's subject prefix
 * @param replicas servers that keep a copy of each stream: 1, or 3 in a cluster
 */
export function deploymentStreams(prefix: string, replicas: number): readonly StreamDefinition[] {
  const revisions = streamName(prefix, StreamKind.Revisions);
  const sync = streamName(prefix, StreamKind.Sync);
  const wakes = {
    retention: 'workqueue',
    maxAgeMs: wakeMaxAgeMs,
    maxBytes: wakeMaxBytes,
    maxMessageBytes: wakeMaxMessageBytes,
    duplicateWindowMs: wakeDuplicateWindowMs,
    replicas,
  } as const;
  return [
    {
      ...wakes,
      name: revisions,
      description: 'Wakes a worker for a deployment with an open revision.',
      subjects: [patterns.revisions(prefix)],
      // The sender keeps its outbox row and tries again, so nothing is lost by a refusal.
      discard: 'new',
      messagesPerSubjectMax: null,
    },
    {
      ...wakes,
      name: sync,
      description: 'Wakes a worker to read a Deployment that changed in the cluster.',
      subjects: [patterns.sync(prefix)],
      // One name waits at most once: a newer change replaces the one that waits. It also replaces
      // the one that is being handled, which leaves the newer one to be delivered.
      discard: 'old',
      messagesPerSubjectMax: 1,
    },
    {
      name: streamName(prefix, StreamKind.DeadLetters),
      description: 'Work that was given up, with the reason.',
      subjects: [patterns.deadLetters(prefix)],
      retention: 'limits',
      discard: 'old',
      maxAgeMs: deadLetterMaxAgeMs,
      maxBytes: deadLetterMaxBytes,
      maxMessageBytes: deadLetterMaxMessageBytes,
      messagesPerSubjectMax: null,
      duplicateWindowMs: deadLetterDuplicateWindowMs,
      replicas,
    },
    {
      name: streamName(prefix, StreamKind.Advisories),
      description: "The server's notices of messages that were delivered as often as they may be.",
      subjects: [patterns.maxDeliveries(revisions), patterns.maxDeliveries(sync)],
      retention: 'workqueue',
      discard: 'old',
      maxAgeMs: deadLetterMaxAgeMs,
      maxBytes: advisoryMaxBytes,
      maxMessageBytes: wakeMaxMessageBytes,
      messagesPerSubjectMax: null,
      duplicateWindowMs: wakeDuplicateWindowMs,
      replicas,
    },
  ];
}
