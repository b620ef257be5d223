/** The surface: what openWal() takes and gives. Next: open-wal.ts, then wal.ts. */
import type { Entry, HardState, NodeId, SnapshotDescription } from '@windlass/raft';
import type { WalDamage, WalFailedError } from './damage.ts';
import type { WalFiles } from './files.ts';

/** Who this node is. Set once before the first append; a node without its data is a new node. */
export type Identity = {
  readonly clusterId: number;
  readonly nodeId: NodeId;
  readonly name: string;
  /** What else the owner wants to find again with it, such as the id of a group of regions. */
  readonly attributes: Readonly<Record<string, string>>;
};

/** What the owner wants to hear of, for its metrics and log. Called in the middle of things: it
 * must be quick and must not throw. */
export type WalObserver = {
  /** One batch is durable: the time of its write and sync, in milliseconds. */
  readonly synced?: (elapsedMs: number, bytes: number) => void;
  /** The first failure of a write or sync, also of one in the background: the node has to end. */
  readonly failed?: (error: WalFailedError) => void;
};

export type WalOptions = {
  /** Bytes of a segment: a multiple of 4,096 up to segmentBytesMax. */
  readonly segmentBytes?: number;
  /** Most segments that are kept ready beside those in use. At least 1. */
  readonly spareSegmentsMax?: number;
  /** After this much quiet the mark of the last batch is made durable, too. */
  readonly markSyncDelayMs?: number;
  /** How long to wait for the folder's lock: a process that was killed may take a moment to die. */
  readonly lockWaitMs?: number;
  readonly observer?: WalObserver;
  readonly files?: WalFiles;
};

export type WalStart = {
  /** Commit is raised to the snapshot's index, and never beyond the last entry. */
  readonly hardState: HardState;
  readonly snapshot: SnapshotDescription | null;
  /** What follows the snapshot, without gaps. */
  readonly entries: readonly Entry[];
};

export type OpenedWal = {
  readonly wal: Wal;
  /** Null in a folder that is new, or was left before it got one. */
  readonly identity: Identity | null;
  readonly start: WalStart;
  /** Bytes of a batch that was never acknowledged and is cut off; 0 as a rule. */
  readonly tornBytes: number;
  /** Damage that was got around: a snapshot that an older one and the log stand in for. Log it. */
  readonly warnings: readonly WalDamage[];
};

export type WalBatch = {
  /** Null where it didn't change. */
  readonly hardState: HardState | null;
  /** Without gaps; they replace whatever the log holds from the first one's index on. */
  readonly entries: readonly Entry[];
};

export type InstallBatch = WalBatch & {
  /** The one given to receiveSnapshot() before. */
  readonly snapshot: SnapshotDescription;
};

export type SavedSnapshot = {
  readonly description: SnapshotDescription;
  /** Bytes of the state, without the frame. */
  readonly stateBytes: number;
  /** In pieces of up to 1 MiB, each checked before it is given; throws WalDamagedError. */
  readonly chunks: AsyncIterable<Uint8Array>;
};

export type WalStats = {
  /** Segments in use. */
  readonly segments: number;
  /** Segments that are ready. */
  readonly spareSegments: number;
  /** Of all segments, spare ones included. */
  readonly bytes: number;
  /** Of the newest batch: write and sync. */
  readonly lastSyncMs: number;
  /** Batches made durable since the opening, one fdatasync each. */
  readonly syncs: number;
  /** Writes to segments since the opening. */
  readonly writes: number;
  /** How often the mark was made durable in the quiet. */
  readonly markSyncs: number;
  /** Last index in the log. */
  readonly lastIndex: number;
  /** Index of the newest snapshot, or 0. */
  readonly snapshotIndex: number;
};

/**
 * An open log. After a failed write or sync every call rejects with the same WalFailedError: the
 * disk's state is unknown, and the node has to end.
 */
export type Wal = {
  /** Durable and atomic. */
  readonly setIdentity: (identity: Identity) => Promise<void>;
  /** Resolves once the batch is durable: one write, one fdatasync. One call at a time. */
  readonly append: (batch: WalBatch) => Promise<void>;
  /**
   * Saves the state machine's own snapshot while append() goes on; older ones but one are removed.
   * One call at a time. What `chunks` throws is passed on and fails nothing.
   */
  readonly saveSnapshot: (
    description: SnapshotDescription,
    chunks: AsyncIterable<Uint8Array>,
  ) => Promise<void>;
  /**
   * Stores what a leader sends, without believing it: a restart forgets it until installSnapshot().
   * Replaces what was received before. One call at a time; append() may go on.
   */
  readonly receiveSnapshot: (
    description: SnapshotDescription,
    chunks: AsyncIterable<Uint8Array>,
  ) => Promise<void>;
  /**
   * Puts the received snapshot in the place of log and state, and the batch behind it; atomic: a
   * crash leaves all of it (of the entries perhaps only the first) or nothing. Counts as an append.
   */
  readonly installSnapshot: (batch: InstallBatch) => Promise<void>;
  /** The newest snapshot. Its chunks can be read several times, until two newer ones are saved. */
  readonly openSnapshot: () => SavedSnapshot | null;
  /** Segments wholly at or below the index become spare ones. The snapshot must include it. */
  readonly compact: (index: number) => Promise<void>;
  readonly stats: () => WalStats;
  /** Ends what goes on in the background and releases the folder. */
  readonly close: () => Promise<void>;
};
