import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeHttpServer } from './close.ts';
import { type DemoServer, startDemoServer } from './demo-server.fixture.ts';

let demo: DemoServer;
beforeEach(async () => {
  demo = await startDemoServer();
});
afterEach(() => closeHttpServer(demo.server, 1_000));

async function get(path: string): Promise<readonly [number, unknown]> {
  const response = await fetch(`${demo.url}${path}`);
  return [response.status, await response.json()];
}

describe.each(['/health', '/actuator/health', '/actuator/health/liveness'])('%s', (path) => {
  it('names the parts that run', async () => {
    demo.health.liveness('relay', () => undefined);
    expect(await get(path)).toEqual([200, { status: 'healthy', components: { relay: 'running' } }]);
  });

  it('is 503 only when a part of the process is dead, not when a dependency is away', async () => {
    demo.health.readiness('postgres', () => Promise.reject(new Error('away')));
    expect(await get(path)).toEqual([200, { status: 'healthy', components: {} }]);
    demo.health.liveness('relay', () => Promise.reject(new Error('hunter2')));
    expect(await get(path)).toEqual([
      503,
      { status: 'unhealthy', components: { relay: 'failed' } },
    ]);
  });
});

describe.each(['/ready', '/actuator/health/readiness'])('%s', (path) => {
  it('lists the dependencies, and logs why when it changes', async () => {
    let isAway = true;
    demo.health.readiness('nats', () => undefined);
    demo.health.readiness('postgres', () => {
      if (isAway) throw new Error('connection refused');
    });
    const away = [
      503,
      { status: 'not-ready', dependencies: { nats: 'ready', postgres: 'unavailable' } },
    ];
    expect(await get(path)).toEqual(away);
    expect(await get(path)).toEqual(away);
    isAway = false;
    expect(await get(path)).toEqual([
      200,
      { status: 'ready', dependencies: { nats: 'ready', postgres: 'ready' } },
    ]);
    expect(demo.entries.filter(({ msg }) => msg === 'readiness_changed')).toMatchObject([
      { level: 'warn', ready: false, postgres: { message: 'connection refused' } },
      { level: 'info', ready: true },
    ]);
  });
});

describe('/ready with an optional dependency', () => {
  it('is 200 while that is away, shows it, and logs why', async () => {
    let isAway = true;
    demo.health.readiness('postgres', () => undefined);
    demo.health.optional('nats', () => {
      if (isAway) throw new Error('no connection to NATS');
    });
    const shown = (nats: string) => [
      200,
      { status: 'ready', dependencies: { nats, postgres: 'ready' } },
    ];
    expect(await get('/ready')).toEqual(shown('unavailable'));
    isAway = false;
    expect(await get('/ready')).toEqual(shown('ready'));
    expect(demo.entries.filter(({ msg }) => msg === 'readiness_changed')).toMatchObject([
      { level: 'warn', ready: true, nats: { message: 'no connection to NATS' } },
      { level: 'info', ready: true },
    ]);
  });
});

it('/actuator/info tells of the build, and when it started', async () => {
  const [status, info] = await get('/actuator/info');
  expect(status).toBe(200);
  expect(info).toEqual({
    build: { app: 'demo', version: '0.1.0', commit: 'dev', runtime: `Node.js ${process.version}` },
    startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  });
});

describe('/metrics and /info', () => {
  it('tell of the process', async () => {
    const metrics = await fetch(`${demo.url}/metrics`);
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=/);
    expect(await metrics.text()).toContain('windlass_build_info{');
    expect(await get('/info')).toMatchObject([
      200,
      { app: 'demo', version: '0.1.0', commit: 'dev' },
    ]);
  });

  it('are logged at debug: probes must not drown the log', async () => {
    await get('/info');
    const [line] = demo.entries.filter(({ path }) => path === '/info');
    expect(line).toMatchObject({ level: 'debug', msg: 'http_request' });
  });
});
