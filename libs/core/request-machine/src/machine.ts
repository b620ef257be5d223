/**
 * A request's life. One row of PostgreSQL holds its state; the adapter asks here what a move makes of it.
 *
 * ```
 *            accepted(CREATE)            revision-succeeded (none left open)
 *   (none) ───────────────────▶ CREATED ───────────────────────────────────▶ SUCCESS
 *                                ▲  ▲ │                                        │  │
 *              accepted(other) ──┘  │ │ revision-failed, revision-dead-lettered│  │
 *                   (queues)        │ ▼        (none left open)                │  │
 *                                   │ FAILURE, FAILURE + deadLettered          │  │
 *                                   ├──┘ accepted(other; REPLAY only           │  │
 *                                   │    where deadLettered)                   │  │
 *                                   ├── accepted(other), not while type DELETE ┘  │
 *                                   └── reopened ─────────────────────────────────┘
 * ```
 *
 * Revisions of one request end in the order in which they were accepted, so the one that ends while
 * no other is open is the newest: only its end is the request's end.
 */
import { assert, fail, ok, type Result, unreachable } from '@windlass/base';
import { Operation, RequestStatus, RequestType } from './types.ts';

export type RequestState = {
  readonly type: RequestType;
  readonly status: RequestStatus;
  /** The newest revision was given up and waits for a replay. Invariant: implies FAILURE. */
  readonly deadLettered: boolean;
  /** Revisions accepted and not ended. Invariant: 0 exactly when the status isn't CREATED. */
  readonly openRevisions: number;
};

export type RequestEvent =
  /** The user asks for something. openRevisionsMax bounds the queue of one request, at least 1. */
  | {
      readonly kind: 'accepted';
      readonly operation: Operation;
      readonly openRevisionsMax: number;
    }
  /** The oldest open revision was carried out. */
  | { readonly kind: 'revision-succeeded' }
  /** The oldest open revision can't be carried out as it is (a final error). */
  | { readonly kind: 'revision-failed' }
  /** The oldest open revision was given up after all its tries. */
  | { readonly kind: 'revision-dead-lettered' }
  /** The cluster shows an older state than the newest revision, which was carried out already. */
  | { readonly kind: 'reopened' }
  /** The user drops the dead letter of the newest revision. */
  | { readonly kind: 'dead-letter-dropped' };

/** Moves that users and the cluster may ask for at the wrong time. */
export type Refusal =
  /** There is no request yet. */
  | { readonly reason: 'absent' }
  /** CREATE for what was created before. */
  | { readonly reason: 'exists' }
  /** A change to what is deleted or being deleted. */
  | { readonly reason: 'deleting' }
  | { readonly reason: 'queue-full'; readonly limit: number }
  /** A replay or a drop where the newest revision isn't in the dead letters. */
  | { readonly reason: 'not-dead-lettered' }
  /** Reopened while a revision is open: that one puts the cluster right by itself. */
  | { readonly reason: 'already-open' }
  /** Reopened after a failure: the older state in the cluster is what's to be expected. */
  | { readonly reason: 'failed' };

/**
 * The state after an event, or why it isn't allowed now. State null: there is no request yet.
 *
 * What only Windlass's own code does (ending a revision) asserts when nothing is open: that is a bug.
 */
export function next(
  state: RequestState | null,
  event: RequestEvent,
): Result<RequestState, Refusal> {
  if (state !== null) assertInvariants(state);
  switch (event.kind) {
    case 'accepted':
      return accept(state, event.operation, event.openRevisionsMax);
    case 'revision-succeeded':
      return ok(end(state, RequestStatus.Success, false));
    case 'revision-failed':
      return ok(end(state, RequestStatus.Failure, false));
    case 'revision-dead-lettered':
      return ok(end(state, RequestStatus.Failure, true));
    case 'reopened':
      return reopen(state);
    case 'dead-letter-dropped':
      if (state === null) return fail({ reason: 'absent' });
      return state.deadLettered
        ? ok({ ...state, deadLettered: false })
        : fail({ reason: 'not-dead-lettered' });
    default:
      return unreachable(event);
  }
}

function accept(
  state: RequestState | null,
  operation: Operation,
  openRevisionsMax: number,
): Result<RequestState, Refusal> {
  assert(openRevisionsMax >= 1, 'openRevisionsMax must be at least 1');
  if (state === null) {
    return operation === Operation.Create
      ? ok(opened(RequestType.Create, 1))
      : fail({ reason: 'absent' });
  }
  if (operation === Operation.Create) return fail({ reason: 'exists' });
  if (operation === Operation.Replay && !state.deadLettered) {
    return fail({ reason: 'not-dead-lettered' });
  }
  if (state.type === RequestType.Delete && state.status !== RequestStatus.Failure) {
    return fail({ reason: 'deleting' });
  }
  if (state.openRevisions >= openRevisionsMax) {
    return fail({ reason: 'queue-full', limit: openRevisionsMax });
  }
  return ok(opened(operationType(operation, state.type), state.openRevisions + 1));
}

function reopen(state: RequestState | null): Result<RequestState, Refusal> {
  if (state === null) return fail({ reason: 'absent' });
  switch (state.status) {
    case RequestStatus.Created:
      return fail({ reason: 'already-open' });
    case RequestStatus.Failure:
      return fail({ reason: 'failed' });
    case RequestStatus.Success:
      return ok(opened(state.type, 1));
    default:
      return unreachable(state.status);
  }
}

function opened(type: RequestType, openRevisions: number): RequestState {
  return { type, status: RequestStatus.Created, deadLettered: false, openRevisions };
}

function end(
  state: RequestState | null,
  status: RequestStatus,
  deadLettered: boolean,
): RequestState {
  assert(state !== null && state.openRevisions > 0, 'a revision ended while none was open');
  const openRevisions = state.openRevisions - 1;
  return openRevisions === 0
    ? { type: state.type, status, deadLettered, openRevisions }
    : { ...state, openRevisions };
}

function assertInvariants(state: RequestState): void {
  const open = state.status === RequestStatus.Created;
  assert(open === state.openRevisions > 0, 'a request is CREATED exactly while a revision is open');
  assert(
    !state.deadLettered || state.status === RequestStatus.Failure,
    'only a FAILURE is dead-lettered',
  );
}

/**
 * What a request asks for after an operation: everything that changes a spec is an UPDATE, a replay
 * repeats what was asked for before.
 */
export function operationType(operation: Operation, previousType: RequestType): RequestType {
  switch (operation) {
    case Operation.Create:
      return RequestType.Create;
    case Operation.Delete:
      return RequestType.Delete;
    case Operation.Replay:
      return previousType;
    case Operation.Update:
    case Operation.Scale:
    case Operation.Restart:
    case Operation.Pause:
    case Operation.Resume:
    case Operation.Rollback:
      return RequestType.Update;
    default:
      return unreachable(operation);
  }
}
