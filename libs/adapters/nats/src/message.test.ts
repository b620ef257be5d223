import { DeploymentWakeSchema, RevisionWakeSchema } from '@windlass/proto/deployment/v1';
import { headers } from 'nats';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage, messageHeaders, readHeaders } from './message.ts';

describe('messages', () => {
  it('come back as they were sent', () => {
    const sent = encodeMessage(RevisionWakeSchema, { identifier: 'web', revision: 3n });
    expect(sent.type).toBe('windlass.deployment.v1.RevisionWake');
    expect(decodeMessage(RevisionWakeSchema, sent)).toMatchObject({
      ok: true,
      value: { identifier: 'web', revision: 3n, requestId: '' },
    });
  });

  it('are not read as another type, even where the bytes would fit', () => {
    const sent = encodeMessage(RevisionWakeSchema, { identifier: 'web' });
    expect(decodeMessage(DeploymentWakeSchema, sent)).toEqual({
      ok: false,
      error:
        'its type is "windlass.deployment.v1.RevisionWake", not windlass.deployment.v1.DeploymentWake',
    });
  });

  it('fail with a reason where the bytes are broken', () => {
    const broken = { type: RevisionWakeSchema.typeName, payload: Uint8Array.of(0x0a, 0xff) };
    expect(decodeMessage(RevisionWakeSchema, broken)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^its 2 bytes are no windlass\.deployment\.v1\.RevisionWake: /),
    });
  });
});

describe('headers', () => {
  it('carry type, id and trace context', () => {
    const written = messageHeaders('T', 'id-1', '00-a-b-01');
    expect(readHeaders(() => written)).toEqual({
      fields: { type: 'T', id: 'id-1', traceparent: '00-a-b-01' },
      defect: null,
    });
    expect(readHeaders(() => messageHeaders('T', null, null)).fields).toEqual({
      type: 'T',
      id: '',
      traceparent: null,
    });
  });

  it('may be missing', () => {
    const nothing = { type: '', id: '', traceparent: null };
    expect(readHeaders(() => undefined)).toEqual({ fields: nothing, defect: null });
    expect(readHeaders(() => headers())).toEqual({ fields: nothing, defect: null });
  });

  it('that the client can not read are a defect, not an error', () => {
    const read = readHeaders(() => {
      throw new Error("'ü' is not a valid character for a header key");
    });
    expect(read.defect).toBe(
      "its headers are broken: 'ü' is not a valid character for a header key",
    );
  });
});
