/** Reads the commands that aren't operations of a client: about sessions, and about the machine. */
import { unreachable } from '@windlass/base';
import type { ByteReader } from './byte-reader.ts';
import type { Draft } from './draft.ts';
import { isLockCode } from './known-numbers.ts';
import { type Command, LockCode, type LockLimits } from './types.ts';

type Control = Exclude<Command, { readonly kind: 'operation' | 'set-limits' }>;
type SetLimitsDraft = { kind: 'set-limits'; limits: Draft<LockLimits> };
export type ControlDraft = Draft<Control> | SetLimitsDraft;
type DraftOf<Kind extends ControlDraft['kind']> = Extract<ControlDraft, { kind: Kind }>;

const fieldMax: Readonly<Record<ControlDraft['kind'], number>> = {
  'open-session': 2,
  'expire-session': 2,
  'session-silent': 3,
  'session-heard': 0,
  'end-wait': 2,
  'force-release': 4,
  'raise-tokens': 1,
  'set-version': 1,
  'set-limits': 5,
};

/** All fields 0; the session is in the message around it. Null if the tag holds no such command. */
export function newControlDraft(tag: number): ControlDraft | null {
  switch (tag) {
    case 0x1a:
      return { kind: 'open-session', sessionId: 0, ttlMs: 0, clientName: '' };
    case 0x22:
      return { kind: 'expire-session', sessionId: 0, lastIndex: 0, term: 0 };
    case 0x2a:
      return { kind: 'session-silent', sessionId: 0, remainingMs: 0, lastIndex: 0, term: 0 };
    case 0x32:
      return { kind: 'session-heard', sessionId: 0 };
    case 0x3a:
      return { kind: 'end-wait', sessionId: 0, sequence: 0, code: LockCode.Ok };
    case 0x42:
      return { kind: 'force-release', key: '', token: 0, actor: '', reason: '' };
    case 0x4a:
      return { kind: 'raise-tokens', floor: 0 };
    case 0x52:
      return { kind: 'set-version', version: 0 };
    case 0x5a:
      return { kind: 'set-limits', limits: { ...noLimits } };
    default:
      return null;
  }
}

const noLimits: LockLimits = {
  sessionsMax: 0,
  locksMax: 0,
  waitersPerLockMax: 0,
  holdsPerSessionMax: 0,
  unacknowledgedPerSessionMax: 0,
};

export function readControl(reader: ByteReader, draft: ControlDraft): void {
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    if (!readField(reader, tag, draft)) reader.skip(tag, fieldMax[draft.kind]);
  }
  reader.leave(outer);
}

/** False if the tag isn't one of this command's fields. */
function readField(reader: ByteReader, tag: number, draft: ControlDraft): boolean {
  switch (draft.kind) {
    case 'open-session':
      return readOpenSession(reader, tag, draft);
    case 'expire-session':
      return readExpireSession(reader, tag, draft);
    case 'session-silent':
      return readSessionSilent(reader, tag, draft);
    case 'session-heard':
      return false;
    case 'end-wait':
      return readEndWait(reader, tag, draft);
    case 'force-release':
      return readForceRelease(reader, tag, draft);
    case 'raise-tokens':
      if (tag !== 0x08) return false;
      draft.floor = reader.integer();
      return true;
    case 'set-version':
      if (tag !== 0x08) return false;
      draft.version = reader.uint32();
      return true;
    case 'set-limits':
      return readLimit(reader, tag, draft.limits);
    default:
      return unreachable(draft);
  }
}

function readOpenSession(reader: ByteReader, tag: number, draft: DraftOf<'open-session'>): boolean {
  if (tag === 0x08) draft.ttlMs = reader.uint32();
  else if (tag === 0x12) draft.clientName = reader.text();
  else return false;
  return true;
}

function readExpireSession(
  reader: ByteReader,
  tag: number,
  draft: DraftOf<'expire-session'>,
): boolean {
  if (tag === 0x08) draft.lastIndex = reader.integer();
  else if (tag === 0x10) draft.term = reader.integer();
  else return false;
  return true;
}

function readSessionSilent(
  reader: ByteReader,
  tag: number,
  draft: DraftOf<'session-silent'>,
): boolean {
  if (tag === 0x08) draft.remainingMs = reader.uint32();
  else if (tag === 0x10) draft.lastIndex = reader.integer();
  else if (tag === 0x18) draft.term = reader.integer();
  else return false;
  return true;
}

function readEndWait(reader: ByteReader, tag: number, draft: DraftOf<'end-wait'>): boolean {
  if (tag === 0x08) draft.sequence = reader.integer();
  else if (tag === 0x10) {
    const code = reader.uint32();
    if (isLockCode(code)) draft.code = code;
    else reader.refuse(`code ${code} is not known to this version`);
  } else return false;
  return true;
}

function readForceRelease(
  reader: ByteReader,
  tag: number,
  draft: DraftOf<'force-release'>,
): boolean {
  if (tag === 0x0a) draft.key = reader.text();
  else if (tag === 0x10) draft.token = reader.integer();
  else if (tag === 0x1a) draft.actor = reader.text();
  else if (tag === 0x22) draft.reason = reader.text();
  else return false;
  return true;
}

function readLimit(reader: ByteReader, tag: number, limits: Draft<LockLimits>): boolean {
  if (tag === 0x08) limits.sessionsMax = reader.uint32();
  else if (tag === 0x10) limits.locksMax = reader.uint32();
  else if (tag === 0x18) limits.waitersPerLockMax = reader.uint32();
  else if (tag === 0x20) limits.holdsPerSessionMax = reader.uint32();
  else if (tag === 0x28) limits.unacknowledgedPerSessionMax = reader.uint32();
  else return false;
  return true;
}
