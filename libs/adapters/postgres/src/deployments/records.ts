/** Rows of requests and revisions as the records of the contract. */
import { Operation, RequestStatus, RequestType, RevisionStatus } from '@windlass/request-machine';
import { fromJson, oneOf, type WholeNumber } from './column-values.ts';
import type { Failure, RequestRecord, RevisionRecord } from './contract.ts';

/** A row of the view request_records. */
export type RequestRow = {
  readonly id: string;
  readonly requestId: string;
  readonly userId: string;
  readonly identifier: string;
  readonly namespace: string;
  readonly type: string;
  readonly operation: string;
  readonly status: string;
  readonly revision: WholeNumber;
  readonly spec: unknown;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly deadLettered: boolean;
  readonly attempts: number;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly completedAt: Date | null;
};

/** The columns of RequestRow, for SQL on request_records. */
export const requestColumns = `
  id, request_id AS "requestId", user_id AS "userId", identifier, namespace, type, operation, status,
  revision, spec, error_code AS "errorCode", error_message AS "errorMessage",
  dead_lettered AS "deadLettered", attempts, version, created_at AS "createdAt",
  updated_at AS "updatedAt", completed_at AS "completedAt"`;

export function requestRecord(row: RequestRow): RequestRecord {
  const status = oneOf(RequestStatus, row.status);
  return {
    id: row.id,
    requestId: row.requestId,
    userId: row.userId,
    identifier: row.identifier,
    namespace: row.namespace,
    type: oneOf(RequestType, row.type),
    operation: oneOf(Operation, row.operation),
    status,
    revision: Number(row.revision),
    spec: fromJson(row.spec),
    // While it is tried again, the last try's error is the revision's, not the request's.
    error: status === 'FAILURE' ? failure(row.errorCode, row.errorMessage) : null,
    deadLettered: row.deadLettered,
    attempts: row.attempts,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    completedAt: row.completedAt,
  };
}

export type RevisionRow = {
  readonly identifier: string;
  readonly revision: WholeNumber;
  readonly requestId: string;
  readonly operation: string;
  readonly status: string;
  readonly spec: unknown;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly attempts: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
};

/** The columns of RevisionRow, for SQL on revisions as r. */
export const revisionColumns = `
  r.identifier, r.revision, r.request_id AS "requestId", r.operation, r.status, r.spec,
  r.error_code AS "errorCode", r.error_message AS "errorMessage", r.attempts,
  r.created_by AS "createdBy", r.created_at AS "createdAt", r.ended_at AS "endedAt"`;

export function revisionRecord(row: RevisionRow): RevisionRecord {
  return {
    identifier: row.identifier,
    revision: Number(row.revision),
    requestId: row.requestId,
    operation: oneOf(Operation, row.operation),
    status: oneOf(RevisionStatus, row.status),
    spec: fromJson(row.spec),
    error: failure(row.errorCode, row.errorMessage),
    attempts: row.attempts,
    createdBy: row.createdBy,
    createdAt: row.createdAt,
    endedAt: row.endedAt,
  };
}

export function failure(code: string | null, message: string | null): Failure | null {
  return code === null || message === null ? null : { code, message };
}
