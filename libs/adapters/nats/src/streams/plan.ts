/**
 * What has to change on the server for a stream to be as defined. Pure.
 *
 * Bounds only grow: where the server's is larger, it stays, because lowering it would delete
 * messages, and because an older version of an app must still be able to start. What can't be
 * changed without losing messages, or changes what the stream is, is a conflict for people.
 */
import { DiscardPolicy, nanos, RetentionPolicy, StorageType, type StreamConfig } from 'nats';
import type { StreamDefinition } from './definitions.ts';

export type StreamPlan =
  | { readonly kind: 'unchanged'; readonly kept: readonly string[] }
  | {
      readonly kind: 'update';
      readonly config: StreamConfig;
      /** Fields that change, sorted. */
      readonly changes: readonly string[];
      /** Fields where the server has more than was asked for, sorted. */
      readonly kept: readonly string[];
    }
  | { readonly kind: 'conflict'; readonly problems: readonly string[] };

/** JetStream's form of a definition. */
export function streamConfig(definition: StreamDefinition): Partial<StreamConfig> {
  return {
    name: definition.name,
    description: definition.description,
    subjects: [...definition.subjects],
    retention: retentionOf(definition),
    discard: discardOf(definition),
    storage: StorageType.File,
    max_age: nanos(definition.maxAgeMs),
    max_bytes: definition.maxBytes,
    max_msg_size: definition.maxMessageBytes,
    max_msgs: -1,
    max_msgs_per_subject: definition.messagesPerSubjectMax ?? -1,
    duplicate_window: nanos(definition.duplicateWindowMs),
    num_replicas: definition.replicas,
  };
}

/** Compares what is there with what is wanted. */
export function planStream(definition: StreamDefinition, current: StreamConfig): StreamPlan {
  const problems = conflicts(definition, current);
  if (problems.length > 0) return { kind: 'conflict', problems };
  const changes: Partial<StreamConfig> = {};
  const kept: string[] = [];
  const missing = definition.subjects.filter((subject) => !current.subjects.includes(subject));
  if (missing.length > 0) changes.subjects = [...current.subjects, ...missing];
  if (current.subjects.length + missing.length > definition.subjects.length) kept.push('subjects');
  if (current.description !== definition.description) changes.description = definition.description;
  for (const { field, wanted, unlimited } of bounds(definition)) {
    const present = current[field];
    const isEnough = present === unlimited || (wanted !== unlimited && present >= wanted);
    if (!isEnough) changes[field] = wanted;
    else if (present !== wanted) kept.push(field);
  }
  const names = Object.keys(changes).sort();
  if (names.length === 0) return { kind: 'unchanged', kept: kept.sort() };
  return { kind: 'update', config: { ...current, ...changes }, changes: names, kept: kept.sort() };
}

type Bound = {
  readonly field:
    | 'duplicate_window'
    | 'max_age'
    | 'max_bytes'
    | 'max_msg_size'
    | 'max_msgs'
    | 'num_replicas';
  readonly wanted: number;
  /** The value that means "no bound"; null where there is none. */
  readonly unlimited: number | null;
};

function bounds(definition: StreamDefinition): readonly Bound[] {
  return [
    { field: 'max_age', wanted: nanos(definition.maxAgeMs), unlimited: 0 },
    { field: 'max_bytes', wanted: definition.maxBytes, unlimited: -1 },
    { field: 'max_msg_size', wanted: definition.maxMessageBytes, unlimited: -1 },
    { field: 'max_msgs', wanted: -1, unlimited: -1 },
    { field: 'duplicate_window', wanted: nanos(definition.duplicateWindowMs), unlimited: null },
    { field: 'num_replicas', wanted: definition.replicas, unlimited: null },
  ];
}

function conflicts(definition: StreamDefinition, current: StreamConfig): readonly string[] {
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['retention', current.retention, retentionOf(definition)],
    ['storage', current.storage, StorageType.File],
    ['discard', current.discard, discardOf(definition)],
    ['max_msgs_per_subject', current.max_msgs_per_subject, definition.messagesPerSubjectMax ?? -1],
  ];
  return pairs
    .filter(([, present, wanted]) => present !== wanted)
    .map(([field, present, wanted]) => `${field} is ${String(present)}, not ${String(wanted)}`);
}

function retentionOf(definition: StreamDefinition): RetentionPolicy {
  return definition.retention === 'limits' ? RetentionPolicy.Limits : RetentionPolicy.Workqueue;
}

function discardOf(definition: StreamDefinition): DiscardPolicy {
  return definition.discard === 'old' ? DiscardPolicy.Old : DiscardPolicy.New;
}
