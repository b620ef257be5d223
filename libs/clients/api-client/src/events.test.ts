import { describe, expect, it } from 'vitest';
import { streamEvents } from './events.ts';
import { type ApiEvent, createApiClient, type EventsOptions } from './index.ts';
import { systemSurroundings } from './surroundings.ts';
import { activityFrame, eventStream, problem, startLocalApi } from './testing/local-api.ts';

const ready = (id: string) => `retry: 1\nid: ${id}\nevent: ready\ndata: {}\n\n`;
const gap = 'event: gap\ndata: {"lastEventId":"1"}\n\n';

/** Delays between connections are cut to a hundredth. */
const hasty = {
  ...systemSurroundings,
  pause: (durationMs: number, signal: AbortSignal) =>
    systemSurroundings.pause(durationMs / 100, signal),
};

async function follow(baseUrl: string, count: number, options: EventsOptions = {}) {
  const headers = async () => ({ 'x-user-id': 'ada' });
  const source = { baseUrl, surroundings: hasty, deadlineMs: 10_000, headers };
  const seen: ApiEvent[] = [];
  for await (const event of streamEvents(source, options)) {
    seen.push(event);
    if (seen.length === count) break;
  }
  return seen.map((event) => `${event.kind} ${event.id}`);
}

describe('events', () => {
  it('come in order, and go on where a lost stream ended', async () => {
    await using api = await startLocalApi(
      eventStream([ready('1'), activityFrame('2')], { end: true }),
      eventStream([ready('2'), ': keep-alive\n\n', gap, activityFrame('3')]),
    );
    const options = { deployment: 'web', lastEventId: '1' };
    const seen = await follow(api.baseUrl, 5, options);
    expect(seen).toEqual(['ready 1', 'activity 2', 'ready 2', 'gap 2', 'activity 3']);
    const asked = api.asked.map(({ headers }) => headers['last-event-id']);
    expect(asked).toEqual(['1', '2']);
    expect(api.asked[1]).toMatchObject({
      url: '/api/v1/events?deployment=web',
      headers: { 'x-user-id': 'ada', accept: 'text/event-stream' },
    });
  });

  it('resume after a silence', async () => {
    await using api = await startLocalApi(
      eventStream([ready('1')]),
      eventStream([ready('1'), activityFrame('2')]),
    );
    const seen = await follow(api.baseUrl, 3, { silenceMs: 50 });
    expect(seen).toEqual(['ready 1', 'ready 1', 'activity 2']);
  });

  it('wait for an API that is away, and end in the problem when it stays away', async () => {
    await using api = await startLocalApi(problem(503, 'unavailable'), eventStream([ready('1')]));
    expect(await follow(api.baseUrl, 1)).toEqual(['ready 1']);
    await using gone = await startLocalApi(problem(503, 'unavailable'));
    const given = follow(gone.baseUrl, 1, { giveUpAfterMs: 0 });
    await expect(given).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('end at once in what another try would not change', async () => {
    await using api = await startLocalApi(problem(401, 'unauthenticated'));
    await expect(follow(api.baseUrl, 1)).rejects.toMatchObject({ code: 'unauthenticated' });
    await using page = await startLocalApi((response) => response.end('<h1>hello</h1>'));
    await expect(follow(page.baseUrl, 1)).rejects.toMatchObject({ code: 'unexpected-answer' });
    expect(api.asked).toHaveLength(1);
  });

  it("end quietly with the caller's signal", async () => {
    await using api = await startLocalApi(eventStream([ready('1')]));
    const caller = new AbortController();
    const seen: string[] = [];
    const { signal } = caller;
    for await (const { kind } of createApiClient(api).events({ signal })) {
      seen.push(kind);
      caller.abort();
    }
    expect(seen).toEqual(['ready']);
  });
});
