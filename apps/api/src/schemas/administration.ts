/** Dead letters and the audit trail. */

import type { AuditRecord, DeadLetterRecord } from '@windlass/postgres';
import { type Static, Type } from 'typebox';
import {
  nullableInteger,
  nullableText,
  nullableTimestamp,
  oneOf,
  pageOf,
  timestamp,
} from './primitives.ts';

export const deadLetterSchema = Type.Object(
  {
    id: Type.String(),
    userId: nullableText('Whose work it was, where known.'),
    identifier: nullableText('The deployment, where known.'),
    requestId: nullableText('The id of the request, where known.'),
    revision: nullableInteger('The revision that was given up, where known.'),
    subject: Type.String({ description: 'Subject of the message.' }),
    reason: Type.String({ description: 'Why it was given up.' }),
    attempts: Type.Integer({ description: 'How often it was tried.' }),
    payload: Type.String({ description: "The message's own bytes, base64." }),
    createdAt: timestamp('When it was given up.'),
    replayedRevision: nullableInteger('The revision that a replay made.'),
    droppedAt: nullableTimestamp('When it was dropped.'),
  },
  { $id: 'DeadLetter', description: 'Work that was given up.' },
);
export type DeadLetter = Static<typeof deadLetterSchema>;

export const deadLetterListSchema = pageOf<DeadLetter>('DeadLetterList', 'DeadLetter');

export function presentDeadLetter(record: DeadLetterRecord): DeadLetter {
  return {
    id: record.id,
    userId: record.userId,
    identifier: record.identifier,
    requestId: record.request,
    revision: record.revision,
    subject: record.subject,
    reason: record.reason,
    attempts: record.attempts,
    payload: Buffer.from(record.payload).toString('base64'),
    createdAt: record.createdAt.toISOString(),
    replayedRevision: record.replayedRevision,
    droppedAt: record.droppedAt?.toISOString() ?? null,
  };
}

export const replayAllSchema = Type.Object(
  {
    replayed: Type.Integer({ description: 'Requests that are CREATED again.' }),
    superseded: Type.Integer({ description: 'Left alone: a newer revision exists.' }),
    ended: Type.Integer({ description: 'Left alone: replayed or dropped meanwhile.' }),
    notReplayable: Type.Integer({ description: 'Left alone: they belong to no request.' }),
    more: Type.Boolean({ description: 'The bound was reached; call again for the rest.' }),
  },
  { $id: 'ReplayCounts', description: 'What became of the dead letters.' },
);
export type ReplayCounts = Static<typeof replayAllSchema>;

export const auditEntrySchema = Type.Object(
  {
    id: Type.String(),
    at: timestamp('When it happened.'),
    userId: Type.String({ description: 'Who did it.' }),
    role: oneOf('In which role.', ['user', 'admin']),
    action: Type.String({ description: 'What was done or refused.' }),
    target: Type.String({ description: 'To what.' }),
    revision: nullableInteger('The revision that it made.'),
    outcome: Type.String({ description: '`accepted`, or the code of the refusal.' }),
    remoteAddress: nullableText('From where.'),
  },
  { $id: 'AuditEntry', description: 'One line of the audit trail, which is only ever added to.' },
);
export type AuditEntry = Static<typeof auditEntrySchema>;

export const auditListSchema = pageOf<AuditEntry>('AuditList', 'AuditEntry');

export function presentAudit(record: AuditRecord): AuditEntry {
  return {
    id: record.id,
    at: record.at.toISOString(),
    userId: record.userId,
    role: record.role,
    action: record.action,
    target: record.target,
    revision: record.revision,
    outcome: record.outcome,
    remoteAddress: record.remoteAddress,
  };
}
