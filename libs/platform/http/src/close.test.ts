import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { closeHttpServer } from './close.ts';
import { sendRaw, startDemoServer } from './demo-server.fixture.ts';

describe('closeHttpServer', () => {
  it('lets what is in flight finish, and accepts nothing new', async () => {
    const arrived = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const demo = await startDemoServer({}, (server) => {
      server.get('/slow', async () => {
        arrived.resolve();
        await finish.promise;
        return { done: true };
      });
    });
    const slow = fetch(`${demo.url}/slow`);
    await arrived.promise;
    const unused = net.connect(demo.port, '127.0.0.1').resume();
    await once(unused, 'connect');
    const closed = closeHttpServer(demo.server, 10_000);
    await expect
      .poll(() =>
        fetch(`${demo.url}/info`).then(
          () => 'taken',
          () => 'refused',
        ),
      )
      .toBe('refused');
    // By now connections without a request have been looked for.
    if (!unused.closed) await once(unused, 'close');
    finish.resolve();
    const response = await slow;
    expect(await response.json()).toEqual({ done: true });
    // Told to close, as the client would else keep the connection, and the server would wait for it.
    expect(response.headers.get('connection')).toBe('close');
    await closed;
  });

  it('breaks off at its deadline what does not end', async () => {
    const arrived = Promise.withResolvers<void>();
    const demo = await startDemoServer({}, (server) => {
      server.get('/endless', () => {
        arrived.resolve();
        return new Promise(() => undefined);
      });
    });
    const endless = fetch(`${demo.url}/endless`).catch((error: unknown) => error);
    await arrived.promise;
    await closeHttpServer(demo.server, 50);
    expect(await endless).toBeInstanceOf(TypeError);
    await expect
      .poll(() => demo.entries.find(({ path }) => path === '/endless'))
      .toMatchObject({
        status: 499,
      });
  });

  it('gives streams the chance to end themselves before', async () => {
    const opened = Promise.withResolvers<void>();
    const demo = await startDemoServer({}, (server) => {
      const ends: (() => void)[] = [];
      server.get('/events', (_request, reply) => {
        reply.hijack();
        reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
        reply.raw.write(':\n\n');
        ends.push(() => reply.raw.end('event: bye\n\n'));
        opened.resolve();
      });
      server.addHook('preClose', async () => {
        for (const end of ends) end();
      });
    });
    const events = fetch(`${demo.url}/events`).then((response) => response.text());
    await opened.promise;
    await closeHttpServer(demo.server, 10_000);
    expect(await events).toBe(':\n\nevent: bye\n\n');
  });

  it('does not wait for a connection that was used, or never was', async () => {
    const demo = await startDemoServer();
    const used = net.connect(demo.port, '127.0.0.1');
    used.on('error', () => undefined);
    used.write('GET /info HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(used, 'data');
    const idle = net.connect(demo.port, '127.0.0.1');
    let isClosed = false;
    idle
      .on('error', () => undefined)
      .on('close', () => {
        isClosed = true;
      });
    idle.resume();
    await sendRaw(demo.port, 'GET /info HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const startedMs = performance.now();
    await closeHttpServer(demo.server, 30_000);
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    await expect.poll(() => isClosed).toBe(true);
  });
});
