-- The deployment manager's tables. What they are for, which query each index serves and what
-- must hold: docs/schema.md.

CREATE TABLE users (
  id         text           NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT users_pkey PRIMARY KEY (id)
);

CREATE TABLE identifiers (
  identifier     text           NOT NULL,
  namespace      text           NOT NULL,
  user_id        text           NOT NULL,
  request_id     uuid           NOT NULL,
  first_revision bigint         NOT NULL,
  last_revision  bigint         NOT NULL,
  replicas       integer        NOT NULL,
  released_at    timestamptz(3),
  CONSTRAINT identifiers_pkey PRIMARY KEY (identifier),
  CONSTRAINT identifiers_revisions_check
    CHECK (first_revision >= 1 AND last_revision >= first_revision),
  CONSTRAINT identifiers_replicas_check CHECK (replicas >= 0)
) WITH (fillfactor = 80);
CREATE INDEX identifiers_held_idx ON identifiers (user_id) WHERE released_at IS NULL;

CREATE TABLE deployment_requests (
  id            uuid           NOT NULL,
  request_id    text           NOT NULL,
  user_id       text           NOT NULL,
  identifier    text           NOT NULL,
  namespace     text           NOT NULL,
  type          text           NOT NULL,
  status        text           NOT NULL,
  revision      bigint         NOT NULL,
  dead_lettered boolean        NOT NULL DEFAULT false,
  version       integer        NOT NULL DEFAULT 1,
  created_at    timestamptz(3) NOT NULL DEFAULT now(),
  updated_at    timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT deployment_requests_pkey PRIMARY KEY (id),
  CONSTRAINT deployment_requests_type_check CHECK (type IN ('CREATE', 'UPDATE', 'DELETE')),
  CONSTRAINT deployment_requests_status_check
    CHECK (status IN ('CREATED', 'SUCCESS', 'FAILURE')),
  CONSTRAINT deployment_requests_dead_lettered_check
    CHECK (NOT dead_lettered OR status = 'FAILURE'),
  CONSTRAINT deployment_requests_version_check CHECK (version >= 1)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX deployment_requests_user_id_request_id_key
  ON deployment_requests (user_id, request_id);
CREATE INDEX deployment_requests_user_id_id_idx ON deployment_requests (user_id, id);
CREATE INDEX deployment_requests_failed_idx ON deployment_requests (id) WHERE status = 'FAILURE';

CREATE TABLE revisions (
  identifier    text           NOT NULL,
  revision      bigint         NOT NULL,
  request_id    uuid           NOT NULL,
  operation     text           NOT NULL,
  status        text           NOT NULL DEFAULT 'OPEN',
  spec          jsonb          NOT NULL,
  attempts      integer        NOT NULL DEFAULT 0,
  claims        integer        NOT NULL DEFAULT 0,
  claimed_by    text,
  claimed_until timestamptz,
  not_before    timestamptz,
  error_code    text,
  error_message text,
  traceparent   text,
  created_by    text           NOT NULL,
  created_at    timestamptz(3) NOT NULL DEFAULT now(),
  ended_at      timestamptz(3),
  CONSTRAINT revisions_pkey PRIMARY KEY (identifier, revision),
  CONSTRAINT revisions_revision_check CHECK (revision >= 1),
  CONSTRAINT revisions_operation_check CHECK (operation IN
    ('CREATE', 'UPDATE', 'SCALE', 'RESTART', 'PAUSE', 'RESUME', 'ROLLBACK', 'REPLAY', 'DELETE')),
  CONSTRAINT revisions_status_check CHECK (status IN ('OPEN', 'SUCCESS', 'FAILURE')),
  CONSTRAINT revisions_ended_check CHECK ((status = 'OPEN') = (ended_at IS NULL)),
  CONSTRAINT revisions_attempts_check CHECK (attempts >= 0 AND claims >= attempts),
  CONSTRAINT revisions_claim_check CHECK ((claimed_by IS NULL) = (claimed_until IS NULL)),
  CONSTRAINT revisions_error_check CHECK ((error_code IS NULL) = (error_message IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX revisions_open_idx ON revisions (identifier, revision) WHERE status = 'OPEN';

CREATE TABLE idempotency_keys (
  user_id      text           NOT NULL,
  key          text           NOT NULL,
  request_id   uuid           NOT NULL,
  revision     bigint         NOT NULL,
  operation    text           NOT NULL,
  payload_hash text           NOT NULL,
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key),
  CONSTRAINT idempotency_keys_operation_check CHECK (operation IN
    ('CREATE', 'UPDATE', 'SCALE', 'RESTART', 'PAUSE', 'RESUME', 'ROLLBACK', 'REPLAY', 'DELETE'))
);

CREATE TABLE outbox (
  id          uuid           NOT NULL,
  identifier  text           NOT NULL,
  request_id  uuid           NOT NULL,
  revision    bigint         NOT NULL,
  traceparent text,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  sent_at     timestamptz(3),
  CONSTRAINT outbox_pkey PRIMARY KEY (id)
);
CREATE INDEX outbox_unsent_idx ON outbox (id) WHERE sent_at IS NULL;

CREATE TABLE deployments (
  identifier          text           NOT NULL,
  namespace           text           NOT NULL,
  user_id             text           NOT NULL,
  request_id          text           NOT NULL,
  uid                 text           NOT NULL,
  resource_version    numeric(20, 0) NOT NULL,
  generation          bigint         NOT NULL,
  observed_generation bigint         NOT NULL,
  revision            bigint         NOT NULL,
  image               text           NOT NULL,
  replicas            integer        NOT NULL,
  ready_replicas      integer        NOT NULL,
  updated_replicas    integer        NOT NULL,
  available_replicas  integer        NOT NULL,
  paused              boolean        NOT NULL,
  health              text           NOT NULL,
  health_reason       text           NOT NULL,
  health_message      text           NOT NULL,
  health_version      numeric(20, 0) NOT NULL DEFAULT 0,
  conditions          jsonb          NOT NULL,
  labels              jsonb          NOT NULL,
  created_at          timestamptz(3) NOT NULL,
  synced_at           timestamptz(3) NOT NULL DEFAULT now(),
  first_revision      bigint         NOT NULL,
  tombstone           boolean        NOT NULL,
  shown_txid          xid8           NOT NULL DEFAULT pg_current_xact_id(),
  CONSTRAINT deployments_pkey PRIMARY KEY (identifier),
  CONSTRAINT deployments_identifier_fkey FOREIGN KEY (identifier) REFERENCES identifiers (identifier),
  CONSTRAINT deployments_health_check CHECK (health IN
    ('Healthy', 'Progressing', 'Degraded', 'Suspended', 'Missing')),
  CONSTRAINT deployments_resource_version_check CHECK (resource_version >= 0)
) WITH (fillfactor = 80);
CREATE INDEX deployments_shown_idx ON deployments (user_id, identifier) WHERE NOT tombstone;

CREATE TABLE dead_letters (
  id                uuid           NOT NULL,
  deduplication_id  text           NOT NULL,
  user_id           text,
  identifier        text,
  request_id        uuid,
  revision          bigint,
  stream            text           NOT NULL,
  subject           text           NOT NULL,
  payload           bytea          NOT NULL,
  reason            text           NOT NULL,
  attempts          integer        NOT NULL,
  created_at        timestamptz(3) NOT NULL DEFAULT now(),
  replayed_revision bigint,
  dropped_at        timestamptz(3),
  CONSTRAINT dead_letters_pkey PRIMARY KEY (id),
  CONSTRAINT dead_letters_identifier_revision_fkey
    FOREIGN KEY (identifier, revision) REFERENCES revisions (identifier, revision),
  CONSTRAINT dead_letters_identity_check
    CHECK (num_nulls(user_id, identifier, request_id, revision) IN (0, 4)),
  CONSTRAINT dead_letters_end_check CHECK (replayed_revision IS NULL OR dropped_at IS NULL),
  CONSTRAINT dead_letters_attempts_check CHECK (attempts >= 0)
);
CREATE UNIQUE INDEX dead_letters_deduplication_id_key ON dead_letters (deduplication_id);
CREATE INDEX dead_letters_waiting_idx ON dead_letters (id)
  WHERE replayed_revision IS NULL AND dropped_at IS NULL;
CREATE INDEX dead_letters_user_waiting_idx ON dead_letters (user_id, id)
  WHERE replayed_revision IS NULL AND dropped_at IS NULL;

CREATE TABLE audit_log (
  id             bigint         GENERATED BY DEFAULT AS IDENTITY,
  at             timestamptz(3) NOT NULL DEFAULT now(),
  user_id        text           NOT NULL,
  role           text           NOT NULL,
  action         text           NOT NULL,
  target         text           NOT NULL,
  revision       bigint,
  outcome        text           NOT NULL,
  remote_address text,
  CONSTRAINT audit_log_pkey PRIMARY KEY (id),
  CONSTRAINT audit_log_role_check CHECK (role IN ('user', 'admin'))
);
CREATE INDEX audit_log_user_id_id_idx ON audit_log (user_id, id);

CREATE TABLE activity (
  txid       xid8           NOT NULL DEFAULT pg_current_xact_id(),
  id         bigint         GENERATED BY DEFAULT AS IDENTITY,
  user_id    text           NOT NULL,
  identifier text           NOT NULL,
  request_id uuid,
  type       text           NOT NULL,
  data       jsonb          NOT NULL,
  at         timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT activity_pkey PRIMARY KEY (txid, id),
  CONSTRAINT activity_type_check CHECK (type IN
    ('request.created', 'request.changed', 'request.succeeded', 'request.failed',
     'deployment.changed', 'deployment.deleted'))
);

-- How far the feed has been pruned: one row.
CREATE TABLE activity_horizon (
  singleton boolean NOT NULL DEFAULT true,
  txid      xid8    NOT NULL DEFAULT '0',
  id        bigint  NOT NULL DEFAULT 0,
  CONSTRAINT activity_horizon_pkey PRIMARY KEY (singleton),
  CONSTRAINT activity_horizon_singleton_check CHECK (singleton)
);
INSERT INTO activity_horizon DEFAULT VALUES;

-- A request together with its newest revision: what every read of requests shows.
CREATE VIEW request_records AS
SELECT q.id, q.request_id, q.user_id, q.identifier, q.namespace, q.type, r.operation, q.status,
       q.revision, r.spec, r.error_code, r.error_message, q.dead_lettered, r.attempts, q.version,
       q.created_at, q.updated_at, r.ended_at AS completed_at
  FROM deployment_requests q
  JOIN revisions r ON r.identifier = q.identifier AND r.revision = q.revision;

-- The audit trail only grows. A statement trigger costs an insert nothing.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: the table is append-only', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_log_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
