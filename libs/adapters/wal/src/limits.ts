/** Every bound of the log, with its reason. */

/** As in the design: some 6 s at 10 MB/s, enough to make the next one in the meantime. */
export const segmentBytesDefault = 64 * 1024 * 1024;

/** A segment is read into memory whole when the log is opened. */
export const segmentBytesMax = 256 * 1024 * 1024;

/** A header, and a page of records. */
export const segmentBytesMin = 4_096;

/** One is in use next, one may come from compaction: more would only hold the disk. */
export const spareSegmentsMaxDefault = 2;

/** Long enough not to sync twice per batch under load, short enough to be over at a power cut. */
export const markSyncDelayMsDefault = 20;

/** A killed process gives its lock back when the kernel has torn it down. */
export const lockWaitMsDefault = 2_000;

/** Between two tries for the lock. */
export const lockRetryMs = 20;

/** Zeroes go out in pieces of this size, so that no write holds the disk's queue for long. */
export const fillChunkBytes = 1024 * 1024;

/** Of files made in the background: a sync of more would delay the appends beside it. */
export const backgroundSyncBytes = 4 * 1024 * 1024;

/** Of the buffer that batches are assembled in; what a larger batch needed is given back. */
export const keptBufferBytesMax = 4 * 1024 * 1024;

/** Pieces of a snapshot's file: read, checked and given whole. */
export const snapshotFrameBytesMax = 1024 * 1024;

/** Entries of an opened log lie in blocks of this size, which are freed as Raft forgets them. */
export const slabBytes = 1024 * 1024;

/** Of the first such block; each is twice as large as the one before. */
export const firstSlabBytes = 16 * 1024;

/** The newest snapshot, and one that stands in if that one's file is damaged. */
export const snapshotsKept = 2;
