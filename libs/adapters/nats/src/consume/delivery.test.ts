import { describe, expect, it } from 'vitest';
import { parseAckSubject } from './delivery.ts';

const position = {
  stream: 'WINDLASS_SYNC',
  consumer: 'worker',
  deliveries: 2,
  sequence: 17,
  storedAtMs: 1_795_230_259_417,
};

describe('parseAckSubject', () => {
  it.each([
    ['the old form', '$JS.ACK.WINDLASS_SYNC.worker.2.17.5.1795230259417157086.0'],
    ['the new form', '$JS.ACK._.hash.WINDLASS_SYNC.worker.2.17.5.1795230259417157086.0.r4nd'],
    ['a domain', '$JS.ACK.hub.hash.WINDLASS_SYNC.worker.2.17.5.1795230259417157086.0'],
  ])('reads %s', (_name, subject) => {
    expect(parseAckSubject(subject)).toEqual({ ok: true, value: position });
  });

  it.each([
    '',
    '_INBOX.a.b',
    '$JS.API.CONSUMER.MSG.NEXT.a.b',
    '$JS.ACK.a.b.1.2',
    '$JS.ACK.a.b.one.2.3.4.5',
    '$JS.ACK.a.b.1.2.3.4.5.6',
  ])('reads nothing into %j', (subject) => {
    expect(parseAckSubject(subject).ok).toBe(false);
  });
});
