/** Collects what one turn wants done; see ReplicaOutput. */

import type { LockCode } from '@windlass/lock-wire';
import type { CallAnswer, CallId, IndexedEvents, ReplicaNotice, StreamEnd } from './types.ts';

export class Outbox {
  answers: { readonly call: CallId; readonly answer: CallAnswer }[] = [];
  ends: StreamEnd[] = [];
  events: IndexedEvents[] = [];
  notices: ReplicaNotice[] = [];

  answer(call: CallId, answer: CallAnswer): void {
    this.answers.push({ call, answer });
  }

  refuse(call: CallId, code: LockCode, message: string, leaderAddress = ''): void {
    this.answer(call, { kind: 'refused', code, message, leaderAddress });
  }

  end(stream: number, code: LockCode, message: string, leaderAddress = ''): void {
    this.ends.push({ stream, code, message, leaderAddress });
  }

  notice(notice: ReplicaNotice): void {
    this.notices.push(notice);
  }
}
