import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { status as codes } from '@grpc/grpc-js';
import { ErrorInfoSchema } from '@windlass/proto/google/rpc';
import { RaftService } from '@windlass/proto/lock/internal/v1/raft';
import {
  LockCode,
  LockErrorSchema,
  LockService,
  SessionRequestSchema,
  SessionResponseSchema,
} from '@windlass/proto/lock/v1';
import { runWithTraceparent } from '@windlass/telemetry';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { callMetadata } from './client.ts';
import { pathOf } from './service-definition.ts';
import { errorOf, lockClient, metrics, rawClient, sendBytes } from './testing/clients.ts';
import { type DemoServer, startDemoServer, startRawServer } from './testing/demo-server.ts';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const deadlineMs = 3_000;
const truncated = Uint8Array.from([0x0a, 0x05, 1]);

let demo: DemoServer;
let client: ReturnType<typeof lockClient>;
beforeAll(async () => {
  demo = await startDemoServer({ limits: { messageBytesMax: 10_000 } });
  client = lockClient(demo.address);
});
afterAll(async () => {
  client.close();
  await demo.server.close(1_000);
});

const validate = (key: string) => client.calls.validate({ key }, { deadlineMs });

function openSession(from = client) {
  return from.channel.makeBidiStreamRequest(
    pathOf(LockService.method.session),
    (frame: bigint) =>
      Buffer.from(toBinary(SessionRequestSchema, create(SessionRequestSchema, { frame }))),
    (bytes) => fromBinary(SessionResponseSchema, bytes).renewedFrame,
    callMetadata(),
  );
}

async function nextFrame(session: ReturnType<typeof openSession>, frame: bigint): Promise<bigint> {
  const { promise, resolve, reject } = Promise.withResolvers<bigint>();
  session.once('data', resolve).once('error', reject);
  session.write(frame);
  return promise;
}

describe('calls', () => {
  it('carry requests, answers, the trace and the token', async () => {
    const answer = await runWithTraceparent(traceparent, () =>
      client.calls.validate(
        { key: 'a' },
        { deadlineMs, metadata: { authorization: 'Bearer abc' } },
      ),
    );
    expect(answer.valid).toBe(true);
    expect(demo.seen.traces.at(-1)).toBe(traceparent);
    expect(demo.seen.tokens.at(-1)).toBe('abc');
    expect(demo.seen.peers.at(-1)).toMatchObject({ certificate: null });
  });

  it('are counted by method and code, on both sides', async () => {
    await validate('a');
    await errorOf(validate('conflict'));
    const called =
      /request_duration_seconds_count\{.*LockService\/Validate",code="FAILED_PRECONDITION"\} \d/;
    expect(called.test(await demo.metrics.text())).toBe(true);
    expect(called.test(await metrics.text())).toBe(true);
    expect(/grpc_requests_in_flight\{app="demo"\} 0/.test(await demo.metrics.text())).toBe(true);
  });

  it('end as UNIMPLEMENTED where there is no such method', async () => {
    const other = rawClient(demo.address);
    const method = { ...LockService.method.get, name: 'Nothing' };
    expect(await sendBytes(other, method, [new Uint8Array(0)])).toMatchObject({
      code: codes.UNIMPLEMENTED,
    });
    other.close();
  });
});

describe('errors', () => {
  it('follow the one table, with an ErrorInfo', async () => {
    const error = await errorOf(validate('conflict'));
    expect(error).toMatchObject({ code: codes.FAILED_PRECONDITION, message: 'It is busy.' });
    expect(error.detail(ErrorInfoSchema)).toMatchObject({
      reason: 'conflict',
      domain: 'windlass.dev',
      metadata: { key: 'must be free' },
    });
    expect(error.detail(LockErrorSchema)).toBeNull();
  });

  it('carry details of their own', async () => {
    const error = await errorOf(validate('detail'));
    expect(error).toMatchObject({ code: codes.ABORTED, codeName: 'ABORTED' });
    expect(error.detail(LockErrorSchema)).toMatchObject({ code: LockCode.NOT_HELD });
  });

  it('tell nothing of a bug, which is logged once, and of an outage only that it may pass', async () => {
    const bug = await errorOf(validate('bug'));
    expect(bug).toMatchObject({ code: codes.INTERNAL });
    expect(bug.message).not.toContain('hunter2');
    const logged = demo.entries.filter(({ msg }) => msg === 'grpc_call_failed');
    expect(logged).toMatchObject([{ error: { message: 'hunter2 is undefined' } }]);
    const away = await errorOf(validate('away'));
    expect(away).toMatchObject({ code: codes.UNAVAILABLE });
    expect(away.message).not.toContain('10.0.0.1');
  });

  it('of a stream whose promise fails end it', async () => {
    const other = rawClient(demo.address);
    const prefix = Uint8Array.from([0x0a, 3, 98, 117, 103]);
    expect(await sendBytes(other, LockService.method.watch, [prefix])).toMatchObject({
      code: codes.INTERNAL,
    });
    other.close();
  });
});

describe('bytes that are no message', () => {
  it.each([
    ['unary', LockService.method.validate],
    ['server streaming', LockService.method.watch],
    ['client streaming', RaftService.method.exchange],
    ['bidirectional', LockService.method.session],
  ] as const)('end a %s call as INVALID_ARGUMENT and leave the others alone', async (_, method) => {
    const session = openSession();
    expect(await nextFrame(session, 1n)).toBe(1n);
    const other = rawClient(demo.address);
    expect(await sendBytes(other, method, [truncated])).toMatchObject({
      code: codes.INVALID_ARGUMENT,
    });
    expect(await nextFrame(session, 2n)).toBe(2n);
    expect(await validate('a')).toMatchObject({ valid: true });
    session.end();
    session.resume();
    other.close();
  });

  it('end a stream that was in order before, and tell its handler', async () => {
    const other = rawClient(demo.address);
    const before = demo.seen.cancelled.filter((name) => name === 'exchange').length;
    const messages = [new Uint8Array(0), new Uint8Array(0), truncated, new Uint8Array(0)];
    expect(await sendBytes(other, RaftService.method.exchange, messages)).toMatchObject({
      code: codes.INVALID_ARGUMENT,
    });
    await vi.waitFor(() =>
      expect(demo.seen.cancelled.filter((name) => name === 'exchange')).toHaveLength(before + 1),
    );
    other.close();
  });
});

describe('raw methods', () => {
  it('give and take bytes as they are, also those that are no message', async () => {
    const probe = (bytes: Buffer) => Uint8Array.from(bytes).toReversed();
    const { address, server } = await startRawServer(probe);
    const other = rawClient(address);
    const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
    const asIs = (bytes: Buffer) => bytes;
    const path = pathOf(RaftService.method.probe);
    const bytes = Buffer.from(truncated);
    other.makeUnaryRequest(path, asIs, asIs, bytes, (_error, answer) => resolve(answer));
    expect(await promise).toEqual(Buffer.from(truncated.toReversed()));
    other.close();
    await server.close(1_000);
  });
});

describe('bounds', () => {
  it('refuse a message that is too large, and only that call', async () => {
    const error = await errorOf(validate('k'.repeat(10_001)));
    expect(error).toMatchObject({ code: codes.RESOURCE_EXHAUSTED });
    expect(await validate('a')).toMatchObject({ valid: true });
  });

  it('end a call at its deadline, on both sides', async () => {
    const startedMs = performance.now();
    const error = await errorOf(client.calls.validate({ key: 'endless' }, { deadlineMs: 100 }));
    expect(error).toMatchObject({ code: codes.DEADLINE_EXCEEDED });
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    await vi.waitFor(() =>
      expect(demo.seen.cancelled.some((name) => name.startsWith('endless'))).toBe(true),
    );
  });

  it('end a call that its caller gives up, with time left', async () => {
    const controller = new AbortController();
    const call = client.calls.validate(
      { key: 'endless' },
      { deadlineMs, signal: controller.signal },
    );
    setTimeout(() => controller.abort(), 50);
    expect(await errorOf(call)).toMatchObject({ code: codes.CANCELLED });
    await vi.waitFor(() => expect(demo.seen.cancelled).toContain('endless with 1'));
  });

  it('never send a call that was given up before', async () => {
    const before = demo.seen.traces.length;
    const call = client.calls.validate({ key: 'a' }, { deadlineMs, signal: AbortSignal.abort() });
    expect(await errorOf(call)).toMatchObject({ code: codes.CANCELLED });
    expect(demo.seen.traces).toHaveLength(before);
  });

  it('fail at the deadline where nobody listens', async () => {
    const nobody = lockClient('127.0.0.1:1');
    const call = nobody.calls.validate({ key: 'a' }, { deadlineMs: 2_000 });
    expect(await errorOf(call)).toMatchObject({ code: codes.UNAVAILABLE });
    nobody.close();
  });

  it('refuse to start on an address that is taken', async () => {
    const { port } = demo.server;
    await expect(startDemoServer({ port })).rejects.toThrow(`can not listen on 127.0.0.1:${port}`);
  });
});
