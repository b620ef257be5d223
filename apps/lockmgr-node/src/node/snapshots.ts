/**
 * Keeps the log short: once enough of it has collected, an image of the state is written while the
 * node goes on, and the log before it is let go.
 */
import type { LockReplica } from '@windlass/lock-replica';
import { entryBytes, type PersistBatch, type SnapshotDescription } from '@windlass/raft';
import type { Log } from '@windlass/telemetry';
import type { Images } from './images.ts';

/**
 * Log since the last snapshot that makes a new one worth its cost; it grows with the state, so
 * that writing images is at most as much work as writing the log.
 */
const logBytesMin = 32 * 1024 * 1024;

/** Entries that a restart replays at most, about a second of work. */
const entriesMax = 200_000;

/** Entries before the image that stay in memory, so that a follower which is a little behind
 * needs no image. */
const keptEntries = 5_000;

/** A piece of the image: about a millisecond of work, far below a turn's bound of 20 ms. */
const pieceBytes = 64 * 1024;

export type SnapshotStore = {
  readonly saveSnapshot: (
    description: SnapshotDescription,
    chunks: AsyncIterable<Uint8Array>,
  ) => Promise<void>;
  readonly compact: (index: number) => Promise<void>;
};

export type Snapshots = {
  /** To be called with each batch that has become durable. */
  readonly grown: (batch: Pick<PersistBatch, 'entries'>) => void;
  /** Resolves when no image is being written any more. */
  readonly stop: () => Promise<void>;
};

export type SnapshotParts = {
  readonly replica: LockReplica;
  readonly images: Images;
  readonly store: SnapshotStore;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
};

export function createSnapshots({ fail, images, log, replica, store }: SnapshotParts): Snapshots {
  let logBytes = 0;
  let logEntries = 0;
  let imageBytes = 0;
  let running: Promise<void> | null = null;
  let stopping = false;

  function save(): Promise<void> {
    const startedMs = performance.now();
    return images.take(async ({ description, image }) => {
      // What is applied may be ahead of the own disk: the log must not end before its snapshot.
      if (!replica.hasDurable(description.index)) return;
      logBytes = 0;
      logEntries = 0;
      let bytes = 0;
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (;;) {
          // Half an image must not look like a whole one.
          if (stopping) throw new Error('the node stops');
          const piece = image.next(pieceBytes);
          if (piece === null) return;
          bytes += piece.length;
          yield piece;
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
      }
      await store.saveSnapshot(description, pieces());
      imageBytes = bytes;
      replica.snapshotSaved(description, description.index - keptEntries);
      await store.compact(description.index);
      const durationMs = Math.round(performance.now() - startedMs);
      log.info('snapshot_saved', { index: description.index, bytes, durationMs });
    });
  }

  return {
    grown: ({ entries }) => {
      for (const entry of entries) logBytes += entryBytes(entry);
      logEntries += entries.length;
      const enough = logBytes >= Math.max(logBytesMin, imageBytes) || logEntries >= entriesMax;
      if (!enough || running !== null || stopping) return;
      running = save()
        .catch((error: unknown) => {
          if (!stopping) fail(error);
        })
        .finally(() => {
          running = null;
        });
    },
    stop: async () => {
      stopping = true;
      await running;
    },
  };
}
