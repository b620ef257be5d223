/**
 * What arrived in one turn and goes into the log as one entry, with who waits for it.
 */
import type { Command, Operation } from '@windlass/lock-wire';
import type { CallId, StreamId } from './types.ts';

/** A bounded wait, which begins when its acquire arrives. */
export type BoundedWait = {
  readonly sessionId: number;
  readonly sequence: number;
  /** Awake time. Infinity: as long as the session lives. */
  readonly deadlineMs: number;
};

/** Who waits for a session to be opened. */
export type OpenWaiter =
  | { readonly kind: 'stream'; readonly stream: StreamId }
  | { readonly kind: 'call'; readonly call: CallId };

/** Who waits until the leadership is confirmed after they asked. */
export type ReadWaiter =
  /** A frame of a stream: its renewal may be acknowledged then. */
  | {
      readonly kind: 'stream-renewal';
      readonly stream: StreamId;
      readonly sessionId: number;
      readonly frame: number;
    }
  | { readonly kind: 'call-renewal'; readonly call: CallId; readonly sessionId: number }
  /** A stream that resumes a session: welcome, if the session is still there. */
  | { readonly kind: 'resume'; readonly stream: StreamId; readonly sessionId: number }
  | { readonly kind: 'get'; readonly call: CallId; readonly key: string }
  | {
      readonly kind: 'validate';
      readonly call: CallId;
      readonly key: string;
      readonly token: number;
    }
  | { readonly kind: 'barrier'; readonly call: CallId };

export type Batch = {
  readonly commands: Command[];
  /** By the session that is opened. */
  readonly openWaiters: Map<number, OpenWaiter>;
  /** Calls for force-releases, in the order of their commands: each has one outcome. */
  readonly forceReleases: CallId[];
  /** Operations of the batch. */
  operationCount: number;
  /** Acquires of the batch that may wait, in the order of their commands. */
  readonly waits: BoundedWait[];
  readonly reads: ReadWaiter[];
  /** About the bytes of its entry. */
  bytes: number;
};

/**
 * A batch that has grown so much is an entry of its own: an entry has to fit into a message with
 * others (4 MiB), and a follower applies one in a few milliseconds.
 */
export const entryBytesMax = 512 * 1024;

/** Key in UTF-8 at worst, and the numbers. */
const bytesPerCharacter = 3;
const numbersBytes = 64;

/** About the bytes that an operation takes in the log; never less. */
export function operationBytes({ key, metadata }: Operation): number {
  return key.length * bytesPerCharacter + metadata.length + numbersBytes;
}

export function newBatch(): Batch {
  return {
    commands: [],
    openWaiters: new Map(),
    forceReleases: [],
    operationCount: 0,
    waits: [],
    reads: [],
    bytes: 0,
  };
}

/** Names and reasons of at most 1 KiB. */
const otherCommandBytes = 2_048;

/** Adds a command that isn't an operation. */
export function addCommand(batch: Batch, command: Command): void {
  batch.commands.push(command);
  batch.bytes += otherCommandBytes;
}
