/**
 * Server-sent events: one stream per client, fed by the process' one reader of the activity feed.
 *
 * A stream that resumes reads what it missed from PostgreSQL itself, while what happens meanwhile is
 * held back; then it goes live. Nothing is lost in between, because it has joined the feed before
 * it reads; nothing comes twice, because ids already sent are left out.
 */
import { PassThrough } from 'node:stream';
import { WindlassError } from '@windlass/errors';
import { withDeadline } from '@windlass/lifecycle';
import type { ActivityRecord, DeploymentStore, Scope } from '@windlass/postgres';
import type { Log, Metrics } from '@windlass/telemetry';
import { type Caller, scopeOf } from '../auth/caller.ts';
import type { ActivityFeed, Membership } from './activity-feed.ts';
import { activityFrame, gapFrame, heartbeatFrame, readyFrame } from './frames.ts';

/** Records per read while catching up. */
const recordsPerPageMax = 200;
/** A stream that missed more is cut after this many; the client resumes from where it got. */
const resumeEventsMax = 10_000;
/** Events held back while catching up; more: the same. */
const pendingEventsMax = 10_000;
/** Unsent bytes at which a client counts as too slow. Some 2,000 events. */
export const streamBufferBytesMax = 1_048_576;
/** A client that takes nothing for this long while catching up counts as gone. */
const stalledMs = 30_000;
/** The longest that a timer can be set to; tokens that live longer are looked at again then. */
const timerMsMax = 2_147_483_647;

export type StreamFilter = { readonly request?: string; readonly identifier?: string };

export type EventStreams = {
  /**
   * @param lastEventId where to resume; null: from now on
   * @throws WindlassError `rate-limited` over the bounds, `deadline` without PostgreSQL
   */
  readonly open: (
    caller: Caller,
    filter: StreamFilter,
    lastEventId: string | null,
  ) => Promise<PassThrough>;
  /** Ends all streams; further ones are refused. */
  readonly stop: () => void;
};

export type EventStreamOptions = {
  readonly store: Pick<DeploymentStore, 'readActivity'>;
  readonly feed: ActivityFeed;
  readonly streamsMax: number;
  readonly streamsPerUserMax: number;
  readonly heartbeatMs: number;
  /** PostgreSQL has to answer within this when a stream is opened. */
  readonly joinDeadlineMs: number;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
};

export function createEventStreams(options: EventStreamOptions): EventStreams {
  const { feed, log } = options;
  const open = new Set<PassThrough>();
  const perUser = new Map<string, number>();
  let reserved = 0;
  let stopped = false;
  const ended = options.metrics.counter(
    'event_streams_ended_total',
    'Event streams by what ended them.',
    ['reason'],
  );
  options.metrics.gauge('event_streams_open', 'Event streams that are open now.', [], (gauge) =>
    gauge.set(open.size),
  );
  const heartbeat = setInterval(() => {
    for (const stream of open) if (!stream.writableEnded) stream.write(heartbeatFrame);
  }, options.heartbeatMs);

  return {
    open: async (caller, filter, lastEventId) => {
      if (stopped) throw new WindlassError('unavailable', 'The server is shutting down.');
      const release = reserve(caller.userId);
      const stream = new PassThrough();
      try {
        const client = createClient(options, stream, caller, filter, (reason) => {
          ended.inc({ reason });
          stream.destroy();
        });
        const membership = await withDeadline(
          (signal) => feed.join(client.receive, signal),
          options.joinDeadlineMs,
          'joining the activity feed',
        );
        open.add(stream);
        const expiry = endAt(stream, caller.expiresAtMs, options.nowMs);
        stream.once('close', () => {
          membership.leave();
          clearTimeout(expiry);
          open.delete(stream);
          release();
        });
        stream.write(readyFrame(lastEventId ?? membership.position));
        client.start(lastEventId).catch((error: unknown) => {
          log.warn('event_stream_failed', { user_id: caller.userId, error });
          stream.destroy();
        });
        return stream;
      } catch (error) {
        release();
        throw error;
      }
    },
    stop: () => {
      stopped = true;
      clearInterval(heartbeat);
      for (const stream of open) stream.end();
    },
  };

  function reserve(userId: string): () => void {
    const own = perUser.get(userId) ?? 0;
    if (own >= options.streamsPerUserMax || reserved >= options.streamsMax) {
      const whose = own >= options.streamsPerUserMax ? 'You have' : 'The server has';
      throw new WindlassError('rate-limited', `${whose} too many event streams open.`, {
        retryAfterMs: 5_000,
      });
    }
    reserved += 1;
    perUser.set(userId, own + 1);
    return () => {
      reserved -= 1;
      const left = (perUser.get(userId) ?? 1) - 1;
      if (left === 0) perUser.delete(userId);
      else perUser.set(userId, left);
    };
  }
}

/** One stream's side: what it is sent, in which order, and when it is too slow. */
function createClient(
  options: EventStreamOptions,
  stream: PassThrough,
  caller: Caller,
  filter: StreamFilter,
  cut: (reason: 'slow' | 'behind') => void,
) {
  const { store, feed } = options;
  const scope: Scope = scopeOf(caller);
  /** Ids that were sent while catching up and may still come from the feed. */
  const sent = new Set<string>();
  let pending: ActivityRecord[] | null = [];

  function send(record: ActivityRecord): void {
    if (sent.delete(record.id) || stream.writableEnded) return;
    stream.write(activityFrame(record));
    if (stream.writableLength + stream.readableLength > streamBufferBytesMax) cut('slow');
  }

  function receive(records: readonly ActivityRecord[]): void {
    if (stream.destroyed) return;
    for (const record of records) {
      if (!matches(record, scope, filter)) continue;
      if (pending === null) send(record);
      else if (pending.length < pendingEventsMax) pending.push(record);
      else cut('behind');
    }
  }

  async function start(lastEventId: string | null): Promise<void> {
    if (lastEventId !== null && !(await catchUp(lastEventId))) return;
    const held = pending ?? [];
    pending = null;
    for (const record of held) send(record);
    if (sent.size === 0) return;
    // Once the feed has read past now, nothing that was sent here can come again.
    const passed: Membership = await feed.join(() => undefined, null);
    passed.leave();
    sent.clear();
  }

  /** False where the stream ended on the way. */
  async function catchUp(lastEventId: string): Promise<boolean> {
    let position = lastEventId;
    for (;;) {
      const page = await store.readActivity(scope, filter, position, recordsPerPageMax);
      if (page.gap) stream.write(gapFrame(lastEventId));
      for (const record of page.items) {
        sent.add(record.id);
        if (!stream.write(activityFrame(record))) await drained(stream);
        if (stream.destroyed || stream.writableEnded) return false;
      }
      position = page.lastId;
      if (page.items.length < recordsPerPageMax) return true;
      if (sent.size >= resumeEventsMax) {
        stream.end();
        return false;
      }
    }
  }

  return { receive, start };
}

function matches(record: ActivityRecord, scope: Scope, filter: StreamFilter): boolean {
  return (
    (scope.userId === null || record.userId === scope.userId) &&
    (filter.request === undefined || record.request === filter.request) &&
    (filter.identifier === undefined || record.identifier === filter.identifier)
  );
}

/** Resolves when the stream takes more or is gone; a client that takes nothing is cut off. */
async function drained(stream: PassThrough): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => stream.destroy(), stalledMs);
    const done = () => {
      clearTimeout(timer);
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.once('drain', done);
    stream.once('close', done);
  });
}

/** A stream ends with the token that opened it. */
function endAt(
  stream: PassThrough,
  expiresAtMs: number | null,
  nowMs: () => number,
): NodeJS.Timeout | undefined {
  if (expiresAtMs === null) return undefined;
  const delayMs = Math.max(0, Math.min(expiresAtMs - nowMs(), timerMsMax));
  return setTimeout(() => stream.end(), delayMs);
}
