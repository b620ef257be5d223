/** Writes that the cluster has no such object any more. */
import { assert } from '@windlass/base';
import type { Postgres } from '../connect.ts';
import { query, type Statement } from '../query.ts';
import { holderColumns, readingColumns, writeNewer } from './deployment-row.ts';

/**
 * The object is absent as of a list at this resource version. The row is a tombstone from then on, or
 * shows Missing where the newest revision asks for the deployment; what it shows comes from that
 * revision, so that the outcome doesn't depend on what was read before.
 */
export async function recordAbsent(
  { pool }: Postgres,
  namespace: string,
  identifier: string,
  resourceVersion: string,
): Promise<boolean> {
  assert(/^\d{1,20}$/.test(resourceVersion), 'a resource version is a whole number');
  const rows = await query(pool, absentStatement, [namespace, identifier, resourceVersion]);
  return rows.length > 0;
}

const absentStatement: Statement = {
  name: 'record_absent',
  text: `
WITH written AS (
  INSERT INTO deployments AS d (${readingColumns.join(', ')}, ${holderColumns})
  SELECT x.identifier, x.namespace, x.request_id::text, '', 0, 0, 0, r.spec ->> 'image',
         x.replicas, 0, 0, 0, coalesce((r.spec ->> 'paused')::boolean, false), 'Missing', 'NotFound',
         'The cluster has no such Deployment.', '[]', '{}', $3::numeric(20, 0),
         $3::numeric(20, 0), q.created_at,
         x.user_id, x.first_revision, q.type = 'DELETE',
         CASE WHEN q.type = 'DELETE' THEN '0' ELSE pg_current_xact_id() END
    FROM identifiers x
    JOIN deployment_requests q ON q.id = x.request_id
    JOIN revisions r ON r.identifier = x.identifier AND r.revision = x.last_revision
   WHERE x.identifier = $2 AND x.namespace = $1 AND x.released_at IS NULL
  ${writeNewer}
  RETURNING d.identifier, d.user_id, d.replicas, d.tombstone,
            d.shown_txid = pg_current_xact_id() AS shown
), told AS (
  INSERT INTO activity (user_id, identifier, request_id, type, data)
  SELECT w.user_id, w.identifier, x.request_id,
         CASE WHEN w.tombstone THEN 'deployment.deleted' ELSE 'deployment.changed' END,
         CASE WHEN w.tombstone THEN '{}' ELSE
           jsonb_build_object('health', 'Missing', 'reason', 'NotFound', 'revision', 0,
                              'replicas', w.replicas, 'readyReplicas', 0) END
    FROM written w JOIN identifiers x ON x.identifier = w.identifier
   WHERE w.shown
)
SELECT identifier FROM written`,
};
