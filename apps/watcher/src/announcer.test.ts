import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AnnouncerOptions, type Change, createAnnouncer } from './announcer.ts';

const coalesceMs = 200;
const leadMs = 40;

function change(name: string, resourceVersion: string): Change {
  return { namespace: 'default', name, resourceVersion, seenAtMs: 0 };
}

function setUp(options: Partial<AnnouncerOptions> = {}) {
  const published: string[] = [];
  const announcer = createAnnouncer({
    publish: async ({ name, resourceVersion }) => {
      published.push(`${name}@${resourceVersion}`);
    },
    leadMs,
    coalesceMs,
    inFlightMax: 4,
    backoff: { initialMs: 100, maxMs: 1_000 },
    random: { next: () => 1 },
    onFailure: () => undefined,
    ...options,
  });
  return { published, announcer };
}

describe('the announcer', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('publishes the first change of a Deployment after a moment, and not before', async () => {
    const { published, announcer } = setUp();
    announcer.announce(change('web', '1'));
    await vi.advanceTimersByTimeAsync(leadMs - 1);
    expect(published).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(published).toEqual(['web@1']);
  });

  it('makes one message of the changes within the window, with the newest version', async () => {
    const { published, announcer } = setUp();
    for (const version of ['1', '2', '3', '4']) announcer.announce(change('web', version));
    await vi.advanceTimersByTimeAsync(leadMs + coalesceMs - 1);
    announcer.announce(change('web', '5'));
    expect(published).toEqual(['web@4']);
    await vi.advanceTimersByTimeAsync(1);
    expect(published).toEqual(['web@4', 'web@5']);
  });

  it('forgets a Deployment that stays quiet', async () => {
    const { published, announcer } = setUp();
    announcer.announce(change('web', '1'));
    await vi.advanceTimersByTimeAsync(10 * coalesceMs);
    announcer.announce(change('web', '2'));
    await vi.advanceTimersByTimeAsync(leadMs);
    expect(published).toEqual(['web@1', 'web@2']);
  });

  it('keeps a change that could not be published, and publishes what is newest', async () => {
    let isAway = true;
    const published: string[] = [];
    const { announcer } = setUp({
      publish: async ({ resourceVersion }) => {
        if (isAway) throw new Error('no responders');
        published.push(resourceVersion);
      },
    });
    announcer.announce(change('web', '1'));
    await vi.advanceTimersByTimeAsync(50);
    announcer.announce(change('web', '2'));
    expect(announcer.waiting()).toBe(1);
    isAway = false;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(published).toEqual(['2']);
    expect(announcer.waiting()).toBe(0);
  });

  it('publishes no more at a time than it may', async () => {
    let inFlight = 0;
    let highest = 0;
    const { announcer } = setUp({
      publish: async () => {
        inFlight += 1;
        highest = Math.max(highest, inFlight);
        await new Promise((resolve) => setTimeout(resolve, 10));
        inFlight -= 1;
      },
    });
    for (let index = 0; index < 50; index += 1) announcer.announce(change(`web-${index}`, '1'));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(highest).toBe(4);
    expect(announcer.waiting()).toBe(0);
  });

  it('publishes what waits before it stops, and leaves no timer', async () => {
    const { published, announcer } = setUp();
    announcer.announce(change('web', '1'));
    await vi.advanceTimersByTimeAsync(leadMs);
    announcer.announce(change('web', '2'));
    const stopped = announcer.stop(5_000);
    await vi.advanceTimersByTimeAsync(coalesceMs);
    await stopped;
    expect(published).toEqual(['web@1', 'web@2']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives up at the deadline when the stream stays away', async () => {
    const { announcer } = setUp({ publish: () => Promise.reject(new Error('away')) });
    announcer.announce(change('web', '1'));
    const stopped = announcer.stop(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    await stopped;
    expect(vi.getTimerCount()).toBe(0);
  });
});
