/**
 * The columns of a deployment's row and the one way to write them, for a reading of the object and for
 * its absence.
 */

/** What users see of a deployment: where none of it differs, there is nothing to tell. */
const shownColumns = [
  'namespace',
  'request_id',
  'uid',
  'generation',
  'observed_generation',
  'revision',
  'image',
  'replicas',
  'ready_replicas',
  'updated_replicas',
  'available_replicas',
  'paused',
  'health',
  'health_reason',
  'health_message',
  'conditions',
  'labels',
] as const;

/** All columns that a reading gives, in the order of the two INSERTs that write them. */
export const readingColumns = [
  'identifier',
  ...shownColumns,
  'resource_version',
  'health_version',
  'created_at',
] as const;

/** What goes with a reading: whose it is, since which revision, and whether there is anything to show. */
export const holderColumns = 'user_id, first_revision, tombstone, shown_txid';

/**
 * The end of an INSERT INTO deployments AS d (readingColumns, holderColumns): an older reading, or one
 * of a former holder's, changes nothing. `shown_txid` is this transaction's where something changed
 * that users see.
 */
export const writeNewer = `
  ON CONFLICT (identifier) DO UPDATE
     SET ${readingColumns.map((column) => `${column} = excluded.${column}`).join(', ')},
         user_id = excluded.user_id, first_revision = excluded.first_revision,
         tombstone = excluded.tombstone, synced_at = now(),
         shown_txid = CASE
           WHEN d.tombstone AND excluded.tombstone THEN d.shown_txid
           WHEN d.tombstone <> excluded.tombstone
             OR (${shownColumns.map((column) => `d.${column}`).join(', ')})
                IS DISTINCT FROM
                (${shownColumns.map((column) => `excluded.${column}`).join(', ')})
           THEN pg_current_xact_id() ELSE d.shown_txid END
   WHERE (d.resource_version, d.health_version)
           < (excluded.resource_version, excluded.health_version)
     AND d.first_revision <= excluded.first_revision`;
