import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

describe('createMetrics', () => {
  it('names the app, the build and the process', async () => {
    const metrics = createMetrics('demo', { version: '1.2.3', commit: 'abc' });
    const text = await metrics.text();
    expect(text).toContain(
      `windlass_build_info{version="1.2.3",commit="abc",node="${process.version}",app="demo"} 1`,
    );
    expect(text).toMatch(/windlass_process_resident_memory_bytes\{app="demo"\} \d+/);
    expect(metrics.contentType).toMatch(/^text\/plain; version=/);
    expect(metrics.build).toEqual({ app: 'demo', version: '1.2.3', commit: 'abc' });
  });

  it('counts, sets and observes, with the prefix', async () => {
    const metrics = createMetrics('demo');
    metrics.counter('jobs_total', 'Jobs.', ['outcome']).inc({ outcome: 'done' }, 2);
    metrics.gauge('queue_length', 'Waiting.').set(3);
    metrics.histogram('wait_seconds', 'Waits.', [], [0.1, 1]).observe(0.5);
    const text = await metrics.text();
    expect(text).toContain('windlass_jobs_total{outcome="done",app="demo"} 2');
    expect(text).toContain('windlass_queue_length{app="demo"} 3');
    expect(text).toMatch(/windlass_wait_seconds_bucket\{le="0.1",app="demo"\} 0/);
    expect(text).toMatch(/windlass_wait_seconds_bucket\{le="1",app="demo"\} 1/);
  });

  it('reads a gauge that collects when it is asked', async () => {
    const metrics = createMetrics('demo');
    let age = 1;
    metrics.gauge('age_seconds', 'Age.', [], (gauge) => gauge.set(age));
    age = 7;
    expect(await metrics.text()).toContain('windlass_age_seconds{app="demo"} 7');
  });

  it('gives the same metric for the same name, and refuses another under it', () => {
    const metrics = createMetrics('demo');
    const jobs = metrics.counter('jobs_total', 'Jobs.', ['outcome']);
    expect(metrics.counter('jobs_total', 'Jobs.', ['outcome'])).toBe(jobs);
    expect(metrics.counter('windlass_jobs_total', 'Jobs.', ['outcome'])).toBe(jobs);
    expect(() => metrics.counter('jobs_total', 'Jobs.', ['kind'])).toThrow('other labels');
    expect(() => metrics.gauge('jobs_total', 'Jobs.', ['outcome'])).toThrow('another kind');
  });

  it('keeps the metrics of two apps in one process apart', async () => {
    const first = createMetrics('first');
    first.counter('jobs_total', 'Jobs.').inc();
    expect(await createMetrics('second').text()).not.toContain('jobs_total');
  });
});
