import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHealth, healthCheckDeadlineMs } from './health.ts';

describe('createHealth', () => {
  it('is live and ready where there is nothing to check', async () => {
    const health = createHealth();
    expect(await health.live()).toEqual({ ok: true, components: {} });
    expect(await health.ready()).toEqual({ ok: true, components: {} });
  });

  it('keeps parts of the process and dependencies apart', async () => {
    const health = createHealth();
    const away = new Error('connection refused');
    health.liveness('relay', () => undefined);
    health.readiness('postgres', () => Promise.reject(away));
    expect(await health.live()).toEqual({ ok: true, components: { relay: { ok: true } } });
    expect(await health.ready()).toEqual({
      ok: false,
      components: { postgres: { ok: false, error: away } },
    });
  });

  it('names every component, sorted, and fails when one does', async () => {
    const health = createHealth();
    health.readiness('postgres', async () => 'PONG');
    health.readiness('nats', () => {
      throw new Error('closed');
    });
    const report = await health.ready();
    expect(Object.keys(report.components)).toEqual(['nats', 'postgres']);
    expect(report).toMatchObject({ ok: false, components: { postgres: { ok: true } } });
  });

  it('recovers when the check does, whether it throws or rejects', async () => {
    const health = createHealth();
    let isAway = true;
    health.readiness('postgres', () => (isAway ? Promise.reject(new Error('away')) : null));
    health.readiness('nats', () => {
      if (isAway) throw new Error('away');
    });
    expect((await health.ready()).ok).toBe(false);
    isAway = false;
    expect(await health.ready()).toEqual({
      ok: true,
      components: { nats: { ok: true }, postgres: { ok: true } },
    });
  });

  it('is ready without what is optional, and shows it', async () => {
    const health = createHealth();
    const away = new Error('connection refused');
    health.optional('nats', () => Promise.reject(away));
    health.readiness('postgres', () => undefined);
    expect(await health.ready()).toEqual({
      ok: true,
      components: { nats: { ok: false, error: away }, postgres: { ok: true } },
    });
    health.readiness('cluster', () => Promise.reject(away));
    expect((await health.ready()).ok).toBe(false);
  });

  it('is not ready, but live, until the start is over', async () => {
    const health = createHealth();
    const started = health.starting();
    health.readiness('postgres', () => undefined);
    expect(await health.ready()).toMatchObject({
      ok: false,
      components: { start: { ok: false }, postgres: { ok: true } },
    });
    expect((await health.live()).ok).toBe(true);
    started();
    expect(await health.ready()).toEqual({ ok: true, components: { postgres: { ok: true } } });
  });

  it('refuses two checks of one name', () => {
    const health = createHealth();
    health.readiness('nats', () => undefined);
    expect(() => health.optional('nats', () => undefined)).toThrow('registered twice');
    health.liveness('relay', () => undefined);
    expect(() => health.liveness('relay', () => undefined)).toThrow('registered twice');
  });
});

describe('a check that hangs', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('fails at its deadline and is started once, however often it is asked for', async () => {
    const health = createHealth();
    let started = 0;
    const hanging: (() => void)[] = [];
    health.readiness('postgres', () => {
      started += 1;
      return new Promise<void>((resolve) => hanging.push(resolve));
    });
    const asked = [health.ready(), health.ready(), health.ready()];
    await vi.advanceTimersByTimeAsync(healthCheckDeadlineMs);
    for (const report of await Promise.all(asked)) {
      expect(report.components['postgres']).toMatchObject({
        ok: false,
        error: { code: 'deadline' },
      });
    }
    const again = health.ready();
    await vi.advanceTimersByTimeAsync(healthCheckDeadlineMs);
    expect(await again).toMatchObject({ ok: false });
    expect(started).toBe(1);

    hanging[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    const afterwards = health.ready();
    await vi.advanceTimersByTimeAsync(0);
    expect(started).toBe(2);
    hanging[1]?.();
    expect(await afterwards).toMatchObject({ ok: true });
  });
});
