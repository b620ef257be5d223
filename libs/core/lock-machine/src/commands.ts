/** One command of the log: a session's operation, or what the leader and operators have to say. */
import { unreachable } from '@windlass/base';
import { type Command, LockCode } from '@windlass/lock-wire';
import { applyOperation } from './operations.ts';
import type { Output } from './output.ts';
import type { Session } from './records.ts';
import { endSession, endWaits, forceRelease } from './session-end.ts';
import type { State } from './state.ts';
import type { CommandOutcome } from './types.ts';

type CommandOf<Kind extends Command['kind']> = Extract<Command, { readonly kind: Kind }>;

const done: CommandOutcome = { kind: 'done' };

/** @param term of the entry that holds the command */
export function applyCommand(state: State, term: number, command: Command, output: Output): void {
  const { outcomes } = output;
  switch (command.kind) {
    case 'operation': {
      const { sessionId, operation, acknowledgedSequence } = command;
      applyOperation(state, sessionId, operation, acknowledgedSequence, output);
      break;
    }
    case 'open-session':
      outcomes.push(openSession(state, command));
      break;
    case 'expire-session':
      expireSession(state, term, command, output);
      break;
    case 'session-silent':
      outcomes.push(setSilent(state, term, command));
      break;
    case 'session-heard':
      outcomes.push(setHeard(state, command.sessionId));
      break;
    case 'end-wait':
      endWait(state, command, output);
      break;
    case 'force-release': {
      const { key, actor, reason } = command;
      const released = forceRelease(state, key, command.token, output);
      outcomes.push({ kind: 'force-released', key, released, actor, reason });
      break;
    }
    case 'raise-tokens':
      state.lastToken = Math.max(state.lastToken, command.floor);
      outcomes.push(done);
      break;
    case 'set-version':
      if (command.version > state.version) state.setVersion(command.version);
      outcomes.push(done);
      break;
    case 'set-limits':
      state.limits = { ...command.limits };
      outcomes.push(done);
      break;
    default:
      unreachable(command);
  }
}

function openSession(state: State, command: CommandOf<'open-session'>): CommandOutcome {
  const { sessionId, ttlMs, clientName } = command;
  if (state.sessions.get(sessionId) !== undefined) {
    const message = 'the id of the session is taken';
    return { kind: 'not-opened', sessionId, code: LockCode.Unavailable, message };
  }
  if (state.sessions.size >= state.limits.sessionsMax) {
    const code = LockCode.ResourceExhausted;
    return { kind: 'not-opened', sessionId, code, message: 'sessionsMax' };
  }
  state.openSession(sessionId, ttlMs, clientName);
  return { kind: 'opened', sessionId, ttlMs };
}

function expireSession(
  state: State,
  term: number,
  command: CommandOf<'expire-session'>,
  output: Output,
): void {
  const session = judged(state, term, command);
  if (session !== null) endSession(state, session, true, output);
  else output.outcomes.push({ kind: 'expiry-stale', sessionId: command.sessionId });
}

function setSilent(
  state: State,
  term: number,
  command: CommandOf<'session-silent'>,
): CommandOutcome {
  const session = judged(state, term, command);
  if (session === null) return { kind: 'expiry-stale', sessionId: command.sessionId };
  const { sessionId, remainingMs } = command;
  state.setRemaining(session, remainingMs);
  return { kind: 'silent', sessionId, remainingMs };
}

/** Counts as something that the session logged: an expiry that was proposed before is stale. */
function setHeard(state: State, sessionId: number): CommandOutcome {
  const session = state.sessions.get(sessionId);
  if (session === undefined) return { kind: 'expiry-stale', sessionId };
  state.touchSession(session, 0);
  return { kind: 'heard', sessionId };
}

function endWait(state: State, command: CommandOf<'end-wait'>, output: Output): void {
  const session = state.sessions.get(command.sessionId);
  output.outcomes.push(done);
  if (session !== undefined) endWaits(state, session, command.sequence, command.code, output);
}

/**
 * The session that a leader judged as silent, unless it was wrong: the session logged something
 * after what the leader knew of, or another leader has taken over since. Logged facts alone decide.
 */
function judged(
  state: State,
  term: number,
  command: CommandOf<'expire-session' | 'session-silent'>,
): Session | null {
  const session = state.sessions.get(command.sessionId);
  if (session === undefined || term !== command.term) return null;
  return session.lastIndex > command.lastIndex ? null : session;
}
