/** What a session's engine is made with. */
import type { LockCode, SessionRequestFrame } from '@windlass/lock-wire';
import type { LockError } from '../lock-error.ts';

/** What the engine asks of its owner. Nothing of it may call back into the engine at once, but submit. */
export type SessionPort = {
  /** Opens a stream, in place of the one before. */
  readonly connect: (address: string) => void;
  readonly send: (frame: SessionRequestFrame) => void;
  /** Drops the stream, without a word of its end. */
  readonly disconnect: () => void;
  /** A hold was taken away. */
  readonly revoked: (key: string, token: number, code: LockCode) => void;
  /** All holds are lost with the session. */
  readonly lost: (error: LockError) => void;
  readonly closed: () => void;
};

export type SessionSettings = {
  /** 0: the node's default. */
  readonly ttlMs: number;
  readonly clientName: string;
  /** Acquires that weren't granted are asked for again when the session is lost. */
  readonly retriesAcquires: boolean;
};
