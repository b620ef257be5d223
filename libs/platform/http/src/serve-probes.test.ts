import { createHealth, type StopHook } from '@windlass/lifecycle';
import { createLog, createMetrics } from '@windlass/telemetry';
import { expect, it } from 'vitest';
import { serveProbes } from './serve-probes.ts';

it('serves probes and metrics until the app stops', async () => {
  const hooks = new Map<string, StopHook>();
  const health = createHealth();
  const { url } = await serveProbes(
    {
      app: 'demo',
      settings: {
        httpHost: '127.0.0.1',
        httpPort: 0,
        logLevel: 'error',
        logFormat: 'json',
        otlpEndpoint: null,
        shutdownGraceMs: 1_000,
      },
      scope: {
        signal: new AbortController().signal,
        onStop: (name, hook) => hooks.set(name, hook),
        fail: (error) => expect.unreachable(String(error)),
      },
      log: createLog({ app: 'demo', level: 'error', format: 'json' }),
      metrics: createMetrics('demo'),
    },
    health,
    () => ({ region: 'us-east' }),
  );
  const info: unknown = await (await fetch(`${url}/actuator/info`)).json();
  expect(info).toMatchObject({ region: 'us-east', build: { app: 'demo' } });
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('app="demo"');
  health.readiness('nats', () => Promise.reject(new Error('away')));
  expect((await fetch(`${url}/ready`)).status).toBe(503);
  await hooks.get('http')?.();
  await expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed');
});
