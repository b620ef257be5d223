/**
 * windlass.lock.internal.v1.CommandBatch, from the bytes of one log entry to commands.
 *
 * The log holds only what validateOperation let in and what this version or an older one wrote:
 * a kind, mode or code that isn't known is an error here, for a node that skipped it would come to
 * another state than the others.
 */
import type { Result } from '@windlass/base';
import { ByteReader, type WireError } from './byte-reader.ts';
import { type ControlDraft, newControlDraft, readControl } from './control-commands.ts';
import { isLockMode, isLockScope, isOperationKind } from './known-numbers.ts';
import { newOperationDraft, type OperationDraft, readOperation } from './operation-codec.ts';
import type { Command, Operation } from './types.ts';

const batchFieldMax = 1;
const commandFieldMax = 12;

export function decodeCommands(bytes: Uint8Array): Result<readonly Command[], WireError> {
  const reader = new ByteReader(bytes);
  const commands: Command[] = [];
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === 0x0a) {
      const command = readCommand(reader);
      if (command !== null) commands.push(command);
    } else {
      reader.skip(tag, batchFieldMax);
    }
  }
  return reader.result(commands);
}

/** Null where the reader has refused it. */
function readCommand(reader: ByteReader): Command | null {
  let sessionId = 0;
  let acknowledgedSequence = 0;
  let operation: OperationDraft | null = null;
  let control: ControlDraft | null = null;
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === 0x12) {
      control = null;
      operation ??= newOperationDraft();
      readOperation(reader, operation);
    } else if (tag === 0x08) {
      sessionId = reader.integer();
    } else if (tag === 0x60) {
      acknowledgedSequence = reader.integer();
    } else {
      const fresh = newControlDraft(tag);
      if (fresh === null) {
        reader.skip(tag, commandFieldMax);
      } else {
        operation = null;
        control = sameKind(control, fresh) ?? fresh;
        readControl(reader, control);
      }
    }
  }
  reader.leave(outer);
  if (operation !== null && isKnown(operation)) {
    return { kind: 'operation', sessionId, operation, acknowledgedSequence };
  }
  if (control === null) {
    reader.refuse('a command that this version does not know');
    return null;
  }
  if ('sessionId' in control) control.sessionId = sessionId;
  return control;
}

/** Read twice, a message of one kind merges. */
function sameKind(draft: ControlDraft | null, fresh: ControlDraft): ControlDraft | null {
  return draft?.kind === fresh.kind ? draft : null;
}

function isKnown(draft: OperationDraft): draft is OperationDraft & Operation {
  return isOperationKind(draft.kind) && isLockMode(draft.mode) && isLockScope(draft.scope);
}
