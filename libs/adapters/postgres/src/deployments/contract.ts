/**
 * What the apps may ask of PostgreSQL about deployments. One operation per file beside this one;
 * `createDeploymentStore` binds them to a pool.
 *
 * Every method either does all of what it says in one transaction or nothing. Expected outcomes
 * are values (`kind`); a database that can't be reached is thrown as a passing error.
 */
import type { DeploymentSpec } from '@windlass/deployment-spec';
import type {
  Operation,
  RequestStatus,
  RequestType,
  RevisionStatus,
} from '@windlass/request-machine';
import type { Health } from '@windlass/rollout-health';

export type Role = 'user' | 'admin';

/** Who does something; goes to the audit trail. */
export type Actor = {
  readonly userId: string;
  readonly role: Role;
  /** Address of the peer as the API saw it; null for the system itself. */
  readonly remoteAddress: string | null;
};

/** Whose rows may be read: an admin's scope has userId null and sees everything. */
export type Scope = { readonly userId: string | null };

export type Failure = { readonly code: string; readonly message: string };

export type RequestRecord = {
  /** UUID made by the server. */
  readonly id: string;
  /** The caller's X-Request-ID, or the one that the server made. Unique per user. */
  readonly requestId: string;
  readonly userId: string;
  readonly identifier: string;
  readonly namespace: string;
  readonly type: RequestType;
  /** What the newest revision does. */
  readonly operation: Operation;
  readonly status: RequestStatus;
  /** The newest accepted revision. Rises by one per change of the identifier. */
  readonly revision: number;
  readonly spec: DeploymentSpec;
  readonly error: Failure | null;
  readonly deadLettered: boolean;
  /** Tries of the newest revision. */
  readonly attempts: number;
  /** Rises with every change of this row: the ETag. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** When the newest revision ended; null while the status is CREATED. */
  readonly completedAt: Date | null;
};

export type RevisionRecord = {
  readonly identifier: string;
  readonly revision: number;
  readonly requestId: string;
  readonly operation: Operation;
  readonly status: RevisionStatus;
  readonly spec: DeploymentSpec;
  readonly error: Failure | null;
  readonly attempts: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
};

/** A Deployment's condition, as Kubernetes reports it. */
export type Condition = {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string | null;
};

/** What the cluster shows of a deployment at one resource version. */
export type ObservedDeployment = {
  readonly identifier: string;
  readonly namespace: string;
  readonly uid: string;
  /** etcd's revision as a decimal string; compared as a number, across objects too. */
  readonly resourceVersion: string;
  readonly generation: number;
  readonly observedGeneration: number;
  /** The windlass.dev/revision annotation; 0 where there is none. */
  readonly revision: number;
  readonly userId: string;
  readonly requestId: string;
  readonly image: string;
  readonly replicas: number;
  readonly readyReplicas: number;
  readonly updatedReplicas: number;
  readonly availableReplicas: number;
  readonly paused: boolean;
  readonly health: Health;
  readonly healthReason: string;
  readonly healthMessage: string;
  /**
   * Of the newest reading that the health was judged by: the object's own resource version, or that
   * of the list of its pods. Orders readings of one version of the object, whose pods go on changing.
   */
  readonly healthVersion: string;
  readonly conditions: readonly Condition[];
  readonly labels: Readonly<Record<string, string>>;
  /** metadata.creationTimestamp. */
  readonly createdAt: Date;
};

export type DeploymentRecord = ObservedDeployment & {
  /** When the row last changed. */
  readonly syncedAt: Date;
};

export type Quota = {
  /** Deployments that a user may have at once; 0 = no limit. */
  readonly deploymentsMax: number;
  /** Sum of the replicas asked for over all of a user's deployments; 0 = no limit. */
  readonly replicasMax: number;
};

export type AcceptInput = {
  readonly id: string;
  readonly requestId: string;
  readonly actor: Actor;
  /** SHA-256 of the canonical body, hex: tells a repetition from another payload. */
  readonly payloadHash: string;
  readonly identifier: string;
  readonly namespace: string;
  readonly spec: DeploymentSpec;
  readonly quota: Quota;
  /** W3C traceparent to carry along, or null. */
  readonly traceparent: string | null;
};

export type AcceptOutcome =
  | { readonly kind: 'accepted'; readonly request: RequestRecord }
  /** The same id with the same payload: what it made is returned. */
  | { readonly kind: 'replayed'; readonly request: RequestRecord }
  /** The same id with another payload. */
  | { readonly kind: 'payload-mismatch' }
  /** ownRequest is set only where the caller itself holds the identifier. */
  | { readonly kind: 'identifier-taken'; readonly ownRequest: string | null }
  | { readonly kind: 'quota-exceeded'; readonly quota: keyof Quota; readonly limit: number };

export type ChangeInput = {
  /** The request by its id or request id, or by the deployment's identifier. */
  readonly target: { readonly request: string } | { readonly identifier: string };
  readonly scope: Scope;
  readonly actor: Actor;
  /** The caller's idempotency key for this change; null where it gave none. */
  readonly key: string | null;
  readonly payloadHash: string;
  readonly operation: Operation;
  /** From If-Match; null where absent. Refused unless it is the row's version. */
  readonly ifVersion: number | null;
  /** For ROLLBACK: the revision whose spec is wanted; null = the last one that succeeded before. */
  readonly rollbackTo?: number | null;
  readonly quota: Quota;
  /** Open revisions that may queue on one deployment. */
  readonly openRevisionsMax: number;
  readonly traceparent: string | null;
  /**
   * Gives the new spec, from the newest one (and, for ROLLBACK, the wanted one). Pure, called with
   * the row locked; a refusal is handed through as `refused`.
   */
  readonly plan: (
    current: RequestRecord,
    rollbackSpec: DeploymentSpec | null,
  ) =>
    | { readonly ok: true; readonly value: DeploymentSpec }
    | { readonly ok: false; readonly error: unknown };
};

export type ChangeOutcome =
  | { readonly kind: 'accepted'; readonly request: RequestRecord }
  | { readonly kind: 'replayed'; readonly request: RequestRecord }
  | { readonly kind: 'payload-mismatch' }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'version-mismatch'; readonly version: number }
  /** The deployment is deleted or being deleted; a DELETE then is `replayed`. */
  | { readonly kind: 'deleting' }
  | { readonly kind: 'revision-not-found' }
  | { readonly kind: 'queue-full'; readonly limit: number }
  | { readonly kind: 'quota-exceeded'; readonly quota: keyof Quota; readonly limit: number }
  | { readonly kind: 'refused'; readonly error: unknown };

/** An open revision in the hands of one worker until its lease ends. */
export type ClaimedRevision = {
  readonly identifier: string;
  readonly namespace: string;
  readonly userId: string;
  readonly request: string;
  readonly revision: number;
  readonly operation: Operation;
  readonly spec: DeploymentSpec;
  /** Number of this claim, from 1, and its token: a later claim has a higher one. */
  readonly attempt: number;
  readonly createdAt: Date;
  readonly traceparent: string | null;
};

export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly revision: ClaimedRevision }
  /** Nothing open. */
  | { readonly kind: 'idle' }
  /** Somebody else is at it, or it rests after a failed try; nobody may start before. */
  | { readonly kind: 'waiting'; readonly delayMs: number }
  /** All tries are used up: to be dead-lettered. The claim is held. */
  | {
      readonly kind: 'exhausted';
      readonly revision: ClaimedRevision;
      /** How often it was tried. Giving up may take several claims, which are no tries. */
      readonly tries: number;
      readonly lastError: Failure | null;
    };

export type EndInput = {
  readonly claim: ClaimedRevision;
  readonly outcome:
    | { readonly kind: 'success' }
    | {
        readonly kind: 'failure';
        readonly error: Failure;
        readonly deadLetter: DeadLetterInput | null;
      };
};
/** more: the identifier has another open revision. lost: another worker has claimed it meanwhile. */
export type EndOutcome =
  | { readonly kind: 'ended'; readonly more: boolean }
  | { readonly kind: 'lost' };

export type DeadLetterInput = {
  /** Same for the same message or revision: writing twice is once. */
  readonly deduplicationId: string;
  readonly stream: string;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly reason: string;
  readonly attempts: number;
};

export type DeadLetterRecord = {
  readonly id: string;
  readonly userId: string | null;
  readonly identifier: string | null;
  readonly request: string | null;
  readonly revision: number | null;
  readonly subject: string;
  readonly reason: string;
  readonly attempts: number;
  readonly payload: Uint8Array;
  readonly createdAt: Date;
  /** The revision that a replay made; null until then. */
  readonly replayedRevision: number | null;
  readonly droppedAt: Date | null;
};

export type AuditRecord = {
  readonly id: string;
  readonly at: Date;
  readonly userId: string;
  readonly role: Role;
  readonly action: string;
  readonly target: string;
  readonly revision: number | null;
  readonly outcome: string;
  readonly remoteAddress: string | null;
};

/** One line of the feed behind server-sent events. */
export type ActivityRecord = {
  /** Opaque, sortable by the store only; the SSE id. */
  readonly id: string;
  readonly userId: string;
  readonly identifier: string;
  readonly request: string | null;
  readonly type: ActivityType;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: Date;
};
export const ActivityType = {
  RequestCreated: 'request.created',
  RequestChanged: 'request.changed',
  RequestSucceeded: 'request.succeeded',
  RequestFailed: 'request.failed',
  DeploymentChanged: 'deployment.changed',
  DeploymentDeleted: 'deployment.deleted',
} as const;
export type ActivityType = (typeof ActivityType)[keyof typeof ActivityType];

export type Page<Item> = { readonly items: readonly Item[]; readonly next: PageKey | null };
/** Where a page ended; the API wraps it in an opaque cursor together with the filters. */
export type PageKey = { readonly after: string; readonly id: string };
export type PageInput = { readonly limit: number; readonly after: PageKey | null };

export type RequestFilter = {
  readonly status?: RequestStatus;
  readonly type?: RequestType;
  readonly identifier?: string;
  readonly namespace?: string;
  readonly user?: string;
};
export type DeploymentFilter = {
  readonly namespace?: string;
  readonly health?: Health;
  readonly user?: string;
};

export type OutboxRow = {
  /** Becomes the Nats-Msg-Id. */
  readonly id: string;
  readonly identifier: string;
  readonly request: string;
  readonly revision: number;
  readonly traceparent: string | null;
  readonly createdAt: Date;
};

export type DeploymentStore = {
  // What the API asks.
  readonly acceptRequest: (input: AcceptInput) => Promise<AcceptOutcome>;
  readonly changeRequest: (input: ChangeInput) => Promise<ChangeOutcome>;
  /** By the request's id, or by the caller's own request id. */
  readonly getRequest: (scope: Scope, idOrRequestId: string) => Promise<RequestRecord | null>;
  readonly listRequests: (
    scope: Scope,
    filter: RequestFilter,
    page: PageInput,
  ) => Promise<Page<RequestRecord>>;
  readonly getDeployment: (scope: Scope, identifier: string) => Promise<DeploymentRecord | null>;
  readonly listDeployments: (
    scope: Scope,
    filter: DeploymentFilter,
    page: PageInput,
  ) => Promise<Page<DeploymentRecord>>;
  /** Revisions of an identifier, newest first; empty where the scope doesn't own it. */
  readonly listRevisions: (
    scope: Scope,
    identifier: string,
    page: PageInput,
  ) => Promise<Page<RevisionRecord>>;
  readonly listDeadLetters: (scope: Scope, page: PageInput) => Promise<Page<DeadLetterRecord>>;
  readonly getDeadLetter: (scope: Scope, id: string) => Promise<DeadLetterRecord | null>;
  /** Makes a new revision from the dead one, unless a newer revision exists (`superseded`). */
  readonly replayDeadLetter: (
    scope: Scope,
    id: string,
    actor: Actor,
  ) => Promise<
    | { readonly kind: 'replayed'; readonly request: RequestRecord }
    | { readonly kind: 'not-found' | 'superseded' | 'already-ended' | 'not-replayable' }
  >;
  readonly dropDeadLetter: (scope: Scope, id: string, actor: Actor) => Promise<boolean>;
  readonly listAudit: (scope: Scope, page: PageInput) => Promise<Page<AuditRecord>>;
  /** Adds to the audit trail what changed no row here: refusals, reads of logs. */
  readonly audit: (entry: Omit<AuditRecord, 'id' | 'at'>) => Promise<void>;
  /** The feed after an id (null: from now on, gives only the newest id), oldest first. */
  readonly readActivity: (
    scope: Scope,
    filter: { readonly request?: string; readonly identifier?: string },
    afterId: string | null,
    limit: number,
  ) => Promise<{
    readonly items: readonly ActivityRecord[];
    readonly lastId: string;
    readonly gap: boolean;
  }>;
  /**
   * Locks up to `limit` unsent rows (SKIP LOCKED), hands them to `publish`, marks those whose ids it
   * returns as sent. Returns how many were locked and how many sent.
   */
  readonly relayOutbox: (
    limit: number,
    publish: (rows: readonly OutboxRow[]) => Promise<readonly string[]>,
  ) => Promise<{ readonly locked: number; readonly sent: number }>;
  /** Age of the oldest unsent row in milliseconds (0 = none) and how many are unsent. */
  readonly outboxLag: () => Promise<{ readonly oldestMs: number; readonly unsent: number }>;
  /** Deletes sent outbox rows and activity older than the given ages, in bounded batches. */
  readonly prune: (ages: {
    readonly outboxMs: number;
    readonly activityMs: number;
  }) => Promise<number>;

  // What the worker asks.
  readonly claimRevision: (input: {
    readonly identifier: string;
    readonly workerId: string;
    readonly leaseMs: number;
    readonly attemptsMax: number;
  }) => Promise<ClaimOutcome>;
  /** Extends the lease; false when the claim is lost. */
  readonly renewClaim: (claim: ClaimedRevision, leaseMs: number) => Promise<boolean>;
  readonly endRevision: (input: EndInput) => Promise<EndOutcome>;
  /** After a passing error: open again, not before the delay. False when the claim is lost. */
  readonly releaseRevision: (
    claim: ClaimedRevision,
    error: Failure,
    delayMs: number,
  ) => Promise<boolean>;
  /** Identifiers whose oldest open revision nobody has touched for the given time. */
  readonly findStandingStill: (idleMs: number, limit: number) => Promise<readonly string[]>;
  /**
   * The newest revision of an identifier in this namespace, where it is newer than the given one and
   * has ended in SUCCESS; null otherwise. Asked at every reading of the cluster: it takes no lock. Its
   * write to the cluster was before its end, so only what is read from the cluster after this answer
   * tells whether something set the object back.
   */
  readonly newerEndedRevision: (
    namespace: string,
    identifier: string,
    observedRevision: number,
  ) => Promise<number | null>;
  /**
   * When the cluster was seen to show an older revision than this ended one: makes a new revision
   * (operation REPLAY) of its spec, a DELETE where it was one, with its outbox row. Works on a released
   * identifier too, unless somebody took it again. False unless it is still the newest.
   */
  readonly reopenRevision: (
    identifier: string,
    endedRevision: number,
    observedRevision: number,
  ) => Promise<boolean>;
  /** What is recorded as present, by identifier: to be compared with a list of the cluster. */
  readonly listObservedVersions: (
    afterIdentifier: string | null,
    limit: number,
  ) => Promise<
    readonly {
      readonly identifier: string;
      readonly namespace: string;
      readonly resourceVersion: string;
    }[]
  >;
  /** Writes the row unless it has the same or a newer resource version. True when it changed. */
  readonly recordObserved: (observed: ObservedDeployment) => Promise<boolean>;
  /**
   * The object is absent as of a list at this resource version. Leaves a tombstone with that
   * version, so that an older reading can't bring the row back; the row stays, as Missing, while the
   * newest revision asks for the deployment. True when it changed.
   */
  readonly recordAbsent: (
    namespace: string,
    identifier: string,
    resourceVersion: string,
  ) => Promise<boolean>;
  readonly recordDeadLetter: (letter: DeadLetterInput) => Promise<void>;
};
