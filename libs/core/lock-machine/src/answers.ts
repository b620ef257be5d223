/**
 * The answers that a session may ask for again: exactly-once retries. They are kept by rising
 * sequence in one array without holes, since most sessions have one or none of them.
 *
 * Only state.ts and restore.ts change them.
 */
import { anonymousSequenceMin, LockCode, type OperationResult } from '@windlass/lock-wire';
import { type Answer, noAnswers, type Session, Waiter } from './records.ts';

/** True where an operation with this sequence may be repeated. */
export function isRepeatable(sequence: number): boolean {
  return sequence > 0 && sequence < anonymousSequenceMin;
}

export function findAnswer(session: Session, sequence: number): Answer | null {
  const answer = session.answers[placeOf(session.answers, sequence)];
  return answer !== undefined && answer.sequence === sequence ? answer : null;
}

/** Keeps a new answer, or the final one in place of the waiter that had this sequence. */
export function keepAnswer(session: Session, answer: Answer): void {
  const { sequence } = answer;
  if (!isRepeatable(sequence) || sequence <= session.acknowledged) return;
  const { answers } = session;
  const place = placeOf(answers, sequence);
  if (answers.length === 0) session.answers = [answer];
  else if (answers[place]?.sequence === sequence) answers[place] = answer;
  else if (place === answers.length) answers.push(answer);
  else answers.splice(place, 0, answer);
  if (sequence > session.lastSequence) session.lastSequence = sequence;
}

/** Forgets the answers up to a sequence. An acquire that waits goes on waiting. */
export function forgetAnswers(session: Session, acknowledged: number): void {
  if (acknowledged <= session.acknowledged) return;
  session.acknowledged = acknowledged;
  const { answers } = session;
  if (answers.length === 0) return;
  const kept = placeOf(answers, acknowledged + 1);
  if (kept === answers.length) session.answers = noAnswers;
  else if (kept > 0) answers.splice(0, kept);
}

/** The acquire of this session that waits under this sequence, also where it's acknowledged. */
export function findWaiter(session: Session, sequence: number): Waiter | null {
  if (sequence > session.acknowledged && isRepeatable(sequence)) {
    const answer = findAnswer(session, sequence);
    return answer instanceof Waiter ? answer : null;
  }
  let waiter = session.newestWaiter;
  while (waiter !== null && waiter.sequence !== sequence) waiter = waiter.olderOfSession;
  return waiter;
}

/** Place in the queue, from 1. */
export function positionOf(waiter: Waiter): number {
  let position = 1;
  for (let ahead = waiter.before; ahead !== null; ahead = ahead.before) position += 1;
  return position;
}

export function plainResult(sequence: number, code: LockCode, message = ''): OperationResult {
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

export function exhausted(sequence: number, limit: string): OperationResult {
  return plainResult(sequence, LockCode.ResourceExhausted, limit);
}

export function queuedResult(sequence: number, position: number): OperationResult {
  return {
    sequence,
    code: LockCode.Queued,
    token: 0,
    lastExclusiveToken: 0,
    holdCount: 0,
    position,
    message: '',
  };
}

/** Index of the first answer whose sequence isn't below the given one. */
function placeOf(answers: readonly Answer[], sequence: number): number {
  const last = answers.at(-1);
  if (last === undefined || last.sequence < sequence) return answers.length;
  let low = 0;
  let high = answers.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const answer = answers[middle];
    if (answer !== undefined && answer.sequence < sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}
