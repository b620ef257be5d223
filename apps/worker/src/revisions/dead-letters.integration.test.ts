import { type KubeClient, KubeError } from '@windlass/kube';
import { decodeMessage, StreamKind, streamName, subjects } from '@windlass/nats';
import { DeadLetterSchema } from '@windlass/proto/deployment/v1';
import { eventually } from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  actor,
  testSettings,
  type WorkerFixture,
  workerFixture,
} from '../testing/worker-fixture.ts';

let fixture: WorkerFixture;
let isAway = true;

beforeAll(async () => {
  fixture = await workerFixture();
  fixture.start({ kube: sometimesAway(fixture.kube) });
});
afterAll(async () => {
  await fixture?.close();
});

describe('a revision whose tries are used up', () => {
  it('is kept in the dead-letter stream, listed, and runs again when it is replayed', async () => {
    const request = await fixture.create('unlucky');
    const ended = await fixture.ended(request);
    expect(ended).toMatchObject({ status: 'FAILURE', deadLettered: true });
    expect(ended.error?.message).toContain('connection refused');

    const letter = await readLetter();
    expect(letter).toMatchObject({ identifier: 'unlucky', requestId: request.id });
    expect(letter.attempts).toBe(testSettings.attemptsMax);

    const { items } = await fixture.store.listDeadLetters(
      { userId: 'ada' },
      {
        limit: 10,
        after: null,
      },
    );
    expect(items).toMatchObject([{ identifier: 'unlucky', attempts: testSettings.attemptsMax }]);

    isAway = false;
    const id = items[0]?.id ?? '';
    const replayed = await fixture.store.replayDeadLetter({ userId: 'ada' }, id, actor);
    expect(replayed.kind).toBe('replayed');
    await fixture.wakeRevision('unlucky');
    expect(await fixture.ended(request)).toMatchObject({ status: 'SUCCESS', deadLettered: false });
    expect(await fixture.find('unlucky')).not.toBeNull();
  });
});

describe('a message that nobody can read', () => {
  it('goes to the dead letters with its bytes, and the worker goes on', async () => {
    const payload = new TextEncoder().encode('\u0000not a protobuf message');
    await fixture.bus.jetstream.publish(subjects.revision(fixture.prefix, 'poison'), payload);
    const rows = await eventually(async () => {
      const { items } = await fixture.store.listDeadLetters(
        { userId: null },
        {
          limit: 10,
          after: null,
        },
      );
      const poison = items.filter(({ identifier }) => identifier === null);
      if (poison.length === 0) throw new Error('no dead letter yet');
      return poison;
    });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.payload).toEqual(payload);
    const request = await fixture.create('after-poison');
    expect(await fixture.ended(request)).toMatchObject({ status: 'SUCCESS' });
  });
});

function sometimesAway(kube: KubeClient): KubeClient {
  const gated = <Call extends (...parameters: never[]) => Promise<unknown>>(call: Call): Call =>
    (async (...parameters: Parameters<Call>) => {
      if (!isAway) return call(...parameters);
      throw new KubeError({
        operation: 'test',
        status: 0,
        reason: 'ConnectionFailed',
        message: 'connection refused',
      });
    }) as Call;
  return { ...kube, get: gated(kube.get), create: gated(kube.create), apply: gated(kube.apply) };
}

async function readLetter() {
  const stream = streamName(fixture.prefix, StreamKind.DeadLetters);
  const manager = await fixture.bus.jetstream.jetstreamManager();
  const stored = await eventually(() =>
    manager.streams.getMessage(stream, { last_by_subj: `${fixture.prefix}.deadletters.revision` }),
  );
  const decoded = decodeMessage(DeadLetterSchema, {
    type: DeadLetterSchema.typeName,
    payload: stored.data,
  });
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.value;
}
