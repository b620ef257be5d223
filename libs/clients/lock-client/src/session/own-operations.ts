/** Operations that the session does for itself. Nobody waits for their answers. */
import { LockMode, OperationKind } from '@windlass/lock-wire';
import { SessionOperation } from './session-operation.ts';

const noMetadata = new Uint8Array(0);

const nothing = {
  key: '',
  mode: LockMode.Exclusive,
  permits: 0,
  limit: 0,
  token: 0,
  metadata: noMetadata,
  waitEndMs: 0,
} as const;

abstract class UnattendedOperation extends SessionOperation {
  override answered(): void {}
  override failed(): void {}
}

/** Takes an acquire back, granted or not. */
export class CancelOperation extends UnattendedOperation {
  constructor(acquireSequence: number) {
    super({ ...nothing, kind: OperationKind.Cancel, token: acquireSequence });
  }
}

/** Ends the session. */
export class CloseOperation extends UnattendedOperation {
  constructor() {
    super({ ...nothing, kind: OperationKind.Close });
  }
}
