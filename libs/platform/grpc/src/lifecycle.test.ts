/** How a server ends, and how it notices that a client is gone. */
import net from 'node:net';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { status as codes, credentials } from '@grpc/grpc-js';
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Serving,
} from '@windlass/proto/grpc/health/v1';
import {
  ServerReflection,
  ServerReflectionResponseSchema,
} from '@windlass/proto/grpc/reflection/v1';
import { LockService } from '@windlass/proto/lock/v1';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { grpcClient } from './client.ts';
import { pathOf } from './service-definition.ts';
import { errorOf, lockClient, metrics, rawClient, sendBytes } from './testing/clients.ts';
import { type DemoServer, startDemoServer } from './testing/demo-server.ts';

const deadlineMs = 3_000;
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(options = {}): Promise<DemoServer> {
  const demo = await startDemoServer(options);
  ends.push(() => demo.server.close(100));
  return demo;
}

function connect(address: string) {
  const client = lockClient(address);
  ends.push(() => client.close());
  return client;
}

describe('closing', () => {
  it('lets calls finish, takes no new ones, and is over when they are', async () => {
    const demo = await start();
    const client = connect(demo.address);
    const underWay = client.calls.validate({ key: 'slow' }, { deadlineMs });
    await vi.waitFor(() => expect(demo.seen.traces).toHaveLength(1));
    const startedMs = performance.now();
    const closed = demo.server.close(5_000);
    const late = connect(demo.address).calls.validate({ key: 'a' }, { deadlineMs });
    expect(await errorOf(late)).toMatchObject({ code: codes.UNAVAILABLE });
    demo.finishSlow();
    expect(await underWay).toMatchObject({ valid: true });
    await closed;
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  it('breaks off at the deadline what does not end', async () => {
    const demo = await start();
    const underWay = errorOf(
      connect(demo.address).calls.validate({ key: 'endless' }, { deadlineMs }),
    );
    await vi.waitFor(() => expect(demo.seen.traces).toHaveLength(1));
    const startedMs = performance.now();
    await demo.server.close(200);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect([codes.CANCELLED, codes.UNAVAILABLE]).toContain((await underWay).code);
    await vi.waitFor(() => expect(demo.seen.cancelled).toContain('endless with 1'));
  });

  it('does not wait for connections without calls', async () => {
    const demo = await start();
    await connect(demo.address).calls.validate({ key: 'a' }, { deadlineMs });
    const startedMs = performance.now();
    await demo.server.close(3_000);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });
});

describe('a client that vanished without a word', () => {
  it('loses its calls after keepalive interval and timeout', async () => {
    const limits = { keepaliveIntervalMs: 100, keepaliveTimeoutMs: 100 };
    const demo = await start({ limits });
    const proxy = await blackHoleProxy(demo.server.port);
    const client = connect(`127.0.0.1:${proxy.port}`);
    const controller = new AbortController();
    const options = { deadlineMs: 4_000, signal: controller.signal };
    const lost = errorOf(client.calls.validate({ key: 'endless' }, options));
    await vi.waitFor(() => expect(demo.seen.traces).toHaveLength(1));
    proxy.swallow();
    await vi.waitFor(() => expect(demo.seen.cancelled).toContain('endless with 1'), 2_000);
    controller.abort();
    await lost;
  });
});

/** Passes everything on until told to swallow it, with both connections left open. */
async function blackHoleProxy(port: number) {
  const pairs: net.Socket[] = [];
  let swallows = false;
  const server = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    pairs.push(near, far);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', () => undefined);
      from.on('data', (bytes) => swallows || to.write(bytes));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    for (const socket of pairs) socket.destroy();
    server.close();
  });
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    swallow: () => {
      swallows = true;
    },
  };
}

describe('health', () => {
  const healthOf = (address: string) => {
    const options = { credentials: credentials.createInsecure(), metrics };
    const client = grpcClient(Health, address, options);
    ends.push(() => client.close());
    return client;
  };

  it('tells the server and each service, and knows no others', async () => {
    const demo = await start();
    const { calls } = healthOf(demo.address);
    const check = async (service: string) =>
      (await calls.check({ service }, { deadlineMs })).status;
    expect(await check('')).toBe(Serving.SERVING);
    expect(await check(LockService.typeName)).toBe(Serving.SERVING);
    demo.server.setServing(LockService.typeName, false);
    expect(await check(LockService.typeName)).toBe(Serving.NOT_SERVING);
    expect(await check('')).toBe(Serving.SERVING);
    expect(await errorOf(calls.check({ service: 'x' }, { deadlineMs }))).toMatchObject({
      code: codes.NOT_FOUND,
    });
  });

  it('is watched: now, at each change, and to the end', async () => {
    const demo = await start();
    const heard: Serving[] = [];
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    healthOf(demo.address)
      .channel.makeServerStreamRequest(
        pathOf(Health.method.watch),
        (service: string) =>
          Buffer.from(
            toBinary(HealthCheckRequestSchema, {
              $typeName: 'grpc.health.v1.HealthCheckRequest',
              service,
            }),
          ),
        (bytes) => fromBinary(HealthCheckResponseSchema, bytes).status,
        '',
      )
      .on('data', (state: Serving) => heard.push(state))
      .on('end', resolve);
    await vi.waitFor(() => expect(heard).toEqual([Serving.SERVING]));
    demo.server.setServing('', false);
    demo.server.setServing('', false);
    demo.server.setServing('', true);
    await vi.waitFor(() => expect(heard).toHaveLength(3));
    await demo.server.close(2_000);
    await ended;
    const { SERVING, NOT_SERVING } = Serving;
    expect(heard).toEqual([SERVING, NOT_SERVING, SERVING, NOT_SERVING]);
  });
});

describe('reflection', () => {
  it('lists the services, and can be left out', async () => {
    const demo = await start();
    const client = rawClient(demo.address);
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    const stream = client.makeBidiStreamRequest(
      pathOf(ServerReflection.method.serverReflectionInfo),
      (bytes: Buffer) => bytes,
      (bytes) => bytes,
    );
    stream.once('data', resolve);
    stream.write(Buffer.from([0x3a, 0]));
    const answer = fromBinary(ServerReflectionResponseSchema, await promise);
    expect(answer.messageResponse.value).toMatchObject({
      service: [
        { name: 'grpc.health.v1.Health' },
        { name: 'grpc.reflection.v1.ServerReflection' },
        { name: 'windlass.lock.internal.v1.RaftService' },
        { name: 'windlass.lock.v1.LockService' },
      ],
    });
    stream.end();
    client.close();
    const silent = await start({ reflection: false });
    const other = rawClient(silent.address);
    const { serverReflectionInfo } = ServerReflection.method;
    expect(await sendBytes(other, serverReflectionInfo, [new Uint8Array(0)])).toMatchObject({
      code: codes.UNIMPLEMENTED,
    });
    other.close();
  });
});
