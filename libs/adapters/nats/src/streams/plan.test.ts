import { assert, required } from '@windlass/base';
import { DiscardPolicy, nanos, RetentionPolicy, StorageType, type StreamConfig } from 'nats';
import { describe, expect, it } from 'vitest';
import { deploymentStreams } from './definitions.ts';
import { planStream, streamConfig } from './plan.ts';

const revisions = required(deploymentStreams('windlass', 1)[0], 'REVISIONS');

/** What the server fills in. */
const defaults: StreamConfig = {
  name: '',
  subjects: [],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.Old,
  discard_new_per_subject: false,
  max_consumers: -1,
  max_msgs: -1,
  max_msgs_per_subject: -1,
  max_age: 0,
  max_bytes: -1,
  max_msg_size: -1,
  duplicate_window: nanos(120_000),
  num_replicas: 1,
  first_seq: 1,
  sealed: false,
  allow_rollup_hdrs: false,
  allow_direct: false,
  mirror_direct: false,
  deny_delete: false,
  deny_purge: false,
};

/** What the server says of a stream that was made from the definition, with changes. */
const present = (changes: Partial<StreamConfig> = {}): StreamConfig => ({
  ...defaults,
  ...streamConfig(revisions),
  ...changes,
});

describe('planStream', () => {
  it('changes nothing where all is as defined', () => {
    expect(planStream(revisions, present())).toEqual({ kind: 'unchanged', kept: [] });
  });

  it.each([
    ['max_age', nanos(60_000)],
    ['max_bytes', 1_000],
    ['max_msg_size', 1_000],
    ['max_msgs', 10],
    ['duplicate_window', nanos(1_000)],
    ['num_replicas', 0],
  ] as const)('raises %s', (field, value) => {
    expect(planStream(revisions, present({ [field]: value }))).toEqual({
      kind: 'update',
      config: present(),
      changes: [field],
      kept: [],
    });
  });

  it.each([
    ['max_age', 0],
    ['max_age', nanos(365 * 86_400_000)],
    ['max_bytes', -1],
    ['max_bytes', 2 ** 40],
    ['max_msg_size', -1],
    ['duplicate_window', nanos(3_600_000)],
    ['num_replicas', 3],
  ] as const)('keeps a larger %s: %j', (field, value) => {
    expect(planStream(revisions, present({ [field]: value }))).toEqual({
      kind: 'unchanged',
      kept: [field],
    });
  });

  it('adds a subject, and takes none away', () => {
    const other = present({ subjects: ['windlass.other'] });
    expect(planStream(revisions, other)).toMatchObject({
      kind: 'update',
      config: { subjects: ['windlass.other', 'windlass.deployments.revisions.*'] },
      changes: ['subjects'],
      kept: ['subjects'],
    });
  });

  it.each([
    ['retention', 'limits'],
    ['storage', 'memory'],
    ['discard', 'old'],
    ['max_msgs_per_subject', 5],
  ])('refuses another %s', (field, value) => {
    const plan = planStream(revisions, present({ [field]: value }));
    expect(plan).toMatchObject({
      kind: 'conflict',
      problems: [expect.stringContaining(`${field} is ${value}, not`)],
    });
  });

  it('leaves what it does not define as it is', () => {
    const config = present({ max_bytes: 1, metadata: { team: 'a' } });
    expect(planStream(revisions, config)).toMatchObject({ config: { metadata: { team: 'a' } } });
  });

  it('leaves nothing to do once its update is made', () => {
    const plan = planStream(revisions, present({ max_bytes: 1, subjects: [], max_age: 1 }));
    assert(plan.kind === 'update', 'there is something to change');
    expect(planStream(revisions, plan.config)).toEqual({ kind: 'unchanged', kept: [] });
  });
});

describe('deploymentStreams', () => {
  it('sets aside 176 MiB in all, as its documentation says', () => {
    const bytes = deploymentStreams('windlass', 1).reduce((sum, { maxBytes }) => sum + maxBytes, 0);
    expect(bytes / 1_024 / 1_024).toBe(176);
  });

  it('keeps dead letters for 14 days, and holds the largest message in one', () => {
    const streams = deploymentStreams('windlass', 3);
    const letters = streams.find(({ name }) => name === 'WINDLASS_DEAD_LETTERS');
    expect(letters).toMatchObject({ retention: 'limits', maxAgeMs: 14 * 86_400_000, replicas: 3 });
    for (const { maxMessageBytes } of streams) {
      expect(letters?.maxMessageBytes).toBeGreaterThanOrEqual(maxMessageBytes);
    }
  });

  it('captures the advisories of its own work queues, and of no other stack', () => {
    const advisories = deploymentStreams('windlass', 1).at(-1);
    expect(advisories?.subjects).toEqual([
      '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.WINDLASS_REVISIONS.>',
      '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.WINDLASS_SYNC.>',
    ]);
  });
});
