/** What reads show, with numbers instead of bigints: all of them are below 2^53. */
import {
  type Holder,
  LockEventKind,
  type LockEvent as LockEventMessage,
  type Lock as LockMessage,
  LockMode,
  type Waiter,
} from '@windlass/proto/lock/v1';

export type LockModeName = 'exclusive' | 'shared' | 'semaphore';

export type HolderView = {
  readonly sessionId: number;
  readonly token: number;
  readonly holdCount: number;
  /** Of a semaphore; else 0. */
  readonly permits: number;
  readonly clientName: string;
  readonly metadata: Uint8Array;
};

export type WaiterView = {
  readonly sessionId: number;
  readonly sequence: number;
  readonly mode: LockModeName;
  readonly permits: number;
  readonly clientName: string;
};

export type LockView = {
  readonly key: string;
  readonly mode: LockModeName;
  /** Of a semaphore; else 0. */
  readonly limit: number;
  /** In the order of their tokens; at most 1,000 of holderCount. */
  readonly holders: readonly HolderView[];
  /** In the order of the queue; at most 1,000 of waiterCount. */
  readonly waiters: readonly WaiterView[];
  readonly holderCount: number;
  readonly waiterCount: number;
};

export type LockEvent = {
  readonly kind: 'granted' | 'released' | 'expired' | 'force-released' | 'metadata' | 'unknown';
  readonly key: string;
  readonly sessionId: number;
  readonly token: number;
  /** After a grant or a change of it. */
  readonly metadata: Uint8Array;
};

export function lockViewOf(lock: LockMessage): LockView {
  const { holderCount, key, limit, waiterCount } = lock;
  return {
    key,
    mode: modeNameOf(lock.mode),
    limit,
    holders: lock.holders.map(holderViewOf),
    waiters: lock.waiters.map(waiterViewOf),
    holderCount,
    waiterCount,
  };
}

export function lockEventOf(event: LockEventMessage): LockEvent {
  return {
    kind: eventNames[event.kind] ?? 'unknown',
    key: event.key,
    sessionId: Number(event.sessionId),
    token: Number(event.token),
    metadata: event.metadata,
  };
}

function holderViewOf(holder: Holder): HolderView {
  const { clientName, holdCount, metadata, permits } = holder;
  const [sessionId, token] = [Number(holder.sessionId), Number(holder.token)];
  return { sessionId, token, holdCount, permits, clientName, metadata };
}

function waiterViewOf(waiter: Waiter): WaiterView {
  const { clientName, mode, permits } = waiter;
  const [sessionId, sequence] = [Number(waiter.sessionId), Number(waiter.sequence)];
  return { sessionId, sequence, mode: modeNameOf(mode), permits, clientName };
}

function modeNameOf(mode: LockMode): LockModeName {
  switch (mode) {
    case LockMode.SHARED:
      return 'shared';
    case LockMode.SEMAPHORE:
      return 'semaphore';
    default:
      return 'exclusive';
  }
}

const eventNames: Readonly<Record<number, LockEvent['kind']>> = {
  [LockEventKind.GRANTED]: 'granted',
  [LockEventKind.RELEASED]: 'released',
  [LockEventKind.EXPIRED]: 'expired',
  [LockEventKind.FORCE_RELEASED]: 'force-released',
  [LockEventKind.METADATA]: 'metadata',
};
