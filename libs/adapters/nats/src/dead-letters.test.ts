import { DeploymentWakeSchema, RevisionWakeSchema } from '@windlass/proto/deployment/v1';
import { describe, expect, it } from 'vitest';
import { deadLetterOf } from './dead-letters.ts';
import { encodeMessage } from './message.ts';

const received = {
  subject: 's',
  id: 'i',
  traceparent: null,
  stream: 'S',
  consumer: 'c',
  sequence: 9,
  deliveries: 4,
  storedAtMs: 0,
};

describe('deadLetterOf', () => {
  it('names the deployment, its request and revision where the message tells', () => {
    const revision = encodeMessage(RevisionWakeSchema, {
      identifier: 'web',
      requestId: 'r',
      revision: 3n,
    });
    expect(deadLetterOf({ ...received, ...revision }, 'no', 4)).toMatchObject({
      identifier: 'web',
      requestId: 'r',
      revision: 3n,
      streamSequence: 9n,
      attempts: 4,
    });
    const sync = encodeMessage(DeploymentWakeSchema, { namespace: 'default', name: 'api' });
    expect(deadLetterOf({ ...received, ...sync }, 'no', 4)).toMatchObject({
      identifier: 'api',
      revision: 0n,
    });
  });

  it('keeps the bytes of a message that can not be read', () => {
    const payload = Uint8Array.of(0xff, 0x01);
    expect(deadLetterOf({ ...received, type: 'other', payload }, 'no', 1)).toMatchObject({
      identifier: '',
      payload,
    });
  });

  it('cuts a reason that would not fit', () => {
    const message = { ...received, type: '', payload: new Uint8Array() };
    expect(deadLetterOf(message, 'x'.repeat(100_000), 1).reason).toHaveLength(8_192);
  });
});
