/** How large the parts of an operation and of a frame may be. lock.proto says the same in words. */

/** A key is in every node's memory and a line of every list: a path, not a document. */
export const keyBytesMax = 1024;

/** Shown with a lock and kept by every node: an address or a small document, not a data store. */
export const metadataBytesMax = 4096;

/** Permits of a semaphore. Each may have a holder of its own, which is memory of every node. */
export const permitsMax = 1_000_000;

/** For people, in lists and logs: as long as a host name. */
export const clientNameBytesMax = 255;

/** What gRPC takes by default; a larger frame would also hold up everybody else's turn. */
export const frameBytesMax = 4 * 1024 * 1024;

/** Two bytes are an operation: without this a frame of 4 MiB would become 2,000,000 objects. */
export const operationsPerFrameMax = 10_000;

/** Sequences, tokens, indexes and ids: what a number holds exactly. */
export const integerMax = Number.MAX_SAFE_INTEGER;

/** uint32 in the .proto files: milliseconds, counts, positions. */
export const uint32Max = 0xffff_ffff;

/** What validateOperation holds an operation to. */
export type OperationBounds = {
  readonly keyBytesMax: number;
  readonly metadataBytesMax: number;
  readonly permitsMax: number;
};

export const operationBounds: OperationBounds = { keyBytesMax, metadataBytesMax, permitsMax };
