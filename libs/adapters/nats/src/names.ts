/**
 * What things are called on NATS. Everything hangs below one prefix, so that several stacks can
 * share a server.
 */
import { assert } from '@windlass/base';

/** A prefix is the first token of every subject, and part of every stream's name. */
const prefixPattern = /^[a-z][a-z0-9_-]{0,31}$/;

/** One token of a subject that comes from outside: an RFC 1123 label, so never a `.`, `*` or `>`. */
const labelPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export const StreamKind = {
  Revisions: 'REVISIONS',
  Sync: 'SYNC',
  DeadLetters: 'DEAD_LETTERS',
  Advisories: 'ADVISORIES',
} as const;
export type StreamKind = (typeof StreamKind)[keyof typeof StreamKind];

/**
 * Name of a stream. Two prefixes never give the same name: letters only change their case, and no
 * kind is the ending of another after an underscore.
 */
export function streamName(prefix: string, kind: StreamKind): string {
  return `${checkedPrefix(prefix).toUpperCase()}_${kind}`;
}

/** Subjects that are published to and subscribed to. */
export const subjects = {
  /** Wakes the worker for one deployment: stream REVISIONS. */
  revision: (prefix: string, identifier: string) =>
    `${checkedPrefix(prefix)}.deployments.revisions.${label(identifier)}`,
  /** Wakes the worker to read one Deployment of the cluster: stream SYNC. */
  sync: (prefix: string, namespace: string, name: string) =>
    `${checkedPrefix(prefix)}.deployments.sync.${label(namespace)}.${label(name)}`,
  /** Wakes the worker to compare everything: stream SYNC. No Kubernetes name has an underscore. */
  relist: (prefix: string) => `${checkedPrefix(prefix)}.deployments.sync._all._all`,
  /** Where work that was given up is kept: stream DEAD_LETTERS. The source is a stream's name. */
  deadLetter: (prefix: string, source: string) => `${checkedPrefix(prefix)}.deadletters.${source}`,
  /** Wakes the readers of the activity feed; core NATS, not stored. */
  activity: (prefix: string) => `${checkedPrefix(prefix)}.activity`,
} as const;

/** Patterns that the streams capture. */
export const patterns = {
  revisions: (prefix: string) => `${checkedPrefix(prefix)}.deployments.revisions.*`,
  sync: (prefix: string) => `${checkedPrefix(prefix)}.deployments.sync.*.*`,
  deadLetters: (prefix: string) => `${checkedPrefix(prefix)}.deadletters.>`,
  /** The server's own notices that a message was delivered as often as it may be. */
  maxDeliveries: (stream: string) => `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream}.>`,
} as const;

function checkedPrefix(prefix: string): string {
  assert(prefixPattern.test(prefix), `"${prefix}" is no subject prefix`);
  return prefix;
}

function label(text: string): string {
  assert(labelPattern.test(text), `"${text}" is no RFC 1123 label`);
  return text;
}
