/** windlass.lock.internal.v1.CommandBatch, from commands to the bytes of one log entry. */
import { unreachable } from '@windlass/base';
import { ByteWriter } from './byte-writer.ts';
import { writeOperation } from './operation-codec.ts';
import type { Command } from './types.ts';

const writer = new ByteWriter();

export function encodeCommands(commands: readonly Command[]): Uint8Array {
  writer.reset();
  for (const command of commands) {
    const start = writer.begin(0x0a);
    if ('sessionId' in command) writer.integer(0x08, command.sessionId);
    writeKind(command);
    writer.end(start);
  }
  return writer.finish();
}

function writeKind(command: Command): void {
  if (command.kind === 'operation') {
    writeOperation(writer, 0x12, command.operation);
    writer.integer(0x60, command.acknowledgedSequence);
    return;
  }
  const start = writer.begin(tags[command.kind]);
  writeFields(command);
  writer.end(start);
}

const tags: Readonly<Record<Exclude<Command['kind'], 'operation'>, number>> = {
  'open-session': 0x1a,
  'expire-session': 0x22,
  'session-silent': 0x2a,
  'session-heard': 0x32,
  'end-wait': 0x3a,
  'force-release': 0x42,
  'raise-tokens': 0x4a,
  'set-version': 0x52,
  'set-limits': 0x5a,
};

function writeFields(command: Exclude<Command, { readonly kind: 'operation' }>): void {
  switch (command.kind) {
    case 'open-session':
      writer.uint32(0x08, command.ttlMs);
      writer.text(0x12, command.clientName);
      return;
    case 'expire-session':
      writer.integer(0x08, command.lastIndex);
      writer.integer(0x10, command.term);
      return;
    case 'session-silent':
      writer.uint32(0x08, command.remainingMs);
      writer.integer(0x10, command.lastIndex);
      writer.integer(0x18, command.term);
      return;
    case 'session-heard':
      return;
    case 'end-wait':
      writer.integer(0x08, command.sequence);
      writer.uint32(0x10, command.code);
      return;
    case 'force-release':
      writer.text(0x0a, command.key);
      writer.integer(0x10, command.token);
      writer.text(0x1a, command.actor);
      writer.text(0x22, command.reason);
      return;
    case 'raise-tokens':
      writer.integer(0x08, command.floor);
      return;
    case 'set-version':
      writer.uint32(0x08, command.version);
      return;
    case 'set-limits':
      writer.uint32(0x08, command.limits.sessionsMax);
      writer.uint32(0x10, command.limits.locksMax);
      writer.uint32(0x18, command.limits.waitersPerLockMax);
      writer.uint32(0x20, command.limits.holdsPerSessionMax);
      writer.uint32(0x28, command.limits.unacknowledgedPerSessionMax);
      return;
    default:
      unreachable(command);
  }
}
