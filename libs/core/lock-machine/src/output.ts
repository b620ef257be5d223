/** What one apply gathers. */
import type { OperationResult } from '@windlass/lock-wire';
import type { Hold } from './records.ts';
import type {
  ApplyOutput,
  CommandOutcome,
  LockEvent,
  LockEventKind,
  LostHold,
  SessionResult,
} from './types.ts';

export class Output implements ApplyOutput {
  readonly results: SessionResult[] = [];
  readonly lost: LostHold[] = [];
  readonly events: LockEvent[] = [];
  readonly outcomes: CommandOutcome[] = [];

  addResult(sessionId: number, result: OperationResult): void {
    this.results.push({ sessionId, result });
  }

  addEvent(kind: LockEventKind, hold: Hold, metadata: Uint8Array): void {
    const { lock, session, token } = hold;
    this.events.push({ kind, key: lock.key, sessionId: session.id, token, metadata });
  }
}

export const noMetadata = new Uint8Array(0);
