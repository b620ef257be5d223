/** News of the activity feed, from one process to another, on a real server. */
import { ActivityWakeSchema } from '@windlass/proto/deployment/v1';
import { eventually } from '@windlass/testkit';
import { describe, expect, it } from 'vitest';
import { createActivityPublisher } from './activity.ts';
import { decodeMessage } from './message.ts';
import { subjects } from './names.ts';
import { subscribeCore } from './publish/core.ts';
import { afterTest, openBus, testPrefix } from './testing/harness.ts';

async function setUp() {
  const { url, prefix } = await testPrefix();
  const [bus, reader] = [await openBus(url), await openBus(url)];
  const received: (readonly string[])[] = [];
  const subscription = subscribeCore(reader, {
    subject: subjects.activity(prefix),
    onMessage: (message) => {
      const wake = decodeMessage(ActivityWakeSchema, message);
      received.push(wake.ok ? wake.value.identifiers : [wake.error]);
    },
  });
  afterTest(async () => subscription.stop());
  await reader.ping();
  return { publisher: createActivityPublisher(bus, prefix), received };
}

describe('createActivityPublisher', () => {
  it('sends a burst as one message, each name once', async () => {
    const { publisher, received } = await setUp();
    for (const name of ['web', 'api', 'web', 'web']) publisher.wake(name);
    await eventually(() => expect(received).toEqual([['web', 'api']]));
    publisher.wake('web');
    await eventually(() => expect(received).toEqual([['web', 'api'], ['web']]));
  });

  it('puts no more names into a message than its contract says', async () => {
    const { publisher, received } = await setUp();
    for (let each = 0; each < 600; each += 1) publisher.wake(`web-${each}`);
    publisher.stop();
    await eventually(() => expect(received.map(({ length }) => length)).toEqual([256, 256, 88]));
  });
});
