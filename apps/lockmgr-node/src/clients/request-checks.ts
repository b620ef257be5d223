/** The bounds of what clients send, before anything of it reaches the log. */
import {
  anonymousSequenceMin,
  clientNameBytesMax,
  type Hello,
  LockCode,
  LockScope,
  type Operation,
  type OperationResult,
  operationBounds,
  operationsPerFrameMax,
  type SessionRequestFrame,
  utf8Bytes,
  validateOperation,
} from '@windlass/lock-wire';

export type TtlBounds = { readonly ttlMinMs: number; readonly ttlMaxMs: number };

/** What of a frame the node gets, and what is answered at once. */
export type SplitFrame = {
  readonly frame: SessionRequestFrame;
  readonly refused: readonly OperationResult[];
};

export type RequestChecks = {
  /** What is wrong with the frame as a whole, or null: names the field and the limit. */
  readonly frame: (frame: SessionRequestFrame) => string | null;
  /** Takes the operations out that can't be carried out. */
  readonly split: (frame: SessionRequestFrame) => SplitFrame;
  readonly operation: (operation: Operation) => { code: LockCode; message: string } | null;
  readonly hello: (hello: Pick<Hello, 'ttlMs' | 'clientName'>) => string | null;
};

export function createRequestChecks({ ttlMaxMs, ttlMinMs }: TtlBounds): RequestChecks {
  function hello({ clientName, ttlMs }: Pick<Hello, 'ttlMs' | 'clientName'>): string | null {
    if (ttlMs !== 0 && (ttlMs < ttlMinMs || ttlMs > ttlMaxMs)) {
      return `ttl_ms: ${ttlMs} is not within ${ttlMinMs} to ${ttlMaxMs}`;
    }
    const nameBytes = utf8Bytes(clientName);
    if (nameBytes > clientNameBytesMax) {
      return `client_name: ${nameBytes} bytes; at most ${clientNameBytesMax}`;
    }
    return null;
  }

  function frame(checked: SessionRequestFrame): string | null {
    if (checked.operations.length > operationsPerFrameMax) {
      return `operations: ${checked.operations.length}; at most ${operationsPerFrameMax} in a frame`;
    }
    if (checked.frame < 1) return 'frame: is counted from 1';
    const unnumbered = checked.operations.find(
      ({ sequence }) => sequence < 1 || sequence >= anonymousSequenceMin,
    );
    if (unnumbered !== undefined) return `sequence: ${unnumbered.sequence} is not within 1 to 2^52`;
    return checked.hello === null || checked.hello.sessionId !== 0 ? null : hello(checked.hello);
  }

  function split(checked: SessionRequestFrame): SplitFrame {
    let refused: OperationResult[] | null = null;
    for (const item of checked.operations) {
      const problem = operation(item);
      if (problem === null) continue;
      refused ??= [];
      refused.push(refusedResult(item.sequence, problem.code, problem.message));
    }
    if (refused === null) return { frame: checked, refused: none };
    const operations = checked.operations.filter((item) => operation(item) === null);
    return { frame: { ...checked, operations }, refused };
  }

  return { frame, split, operation, hello };
}

function operation(checked: Operation): { code: LockCode; message: string } | null {
  if (checked.scope === LockScope.Global) {
    return { code: LockCode.Unimplemented, message: 'scope: GLOBAL is not served here' };
  }
  const message = validateOperation(checked, operationBounds);
  return message === null ? null : { code: LockCode.Invalid, message };
}

/** The answer to an operation that never reaches the log. */
function refusedResult(sequence: number, code: LockCode, message: string): OperationResult {
  return {
    sequence,
    code,
    token: 0,
    lastExclusiveToken: 0,
    holdCount: 0,
    position: 0,
    message,
  };
}

const none: readonly OperationResult[] = [];
