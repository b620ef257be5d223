/**
 * Writes what the cluster shows of deployments. Readings may come late, twice and in any order: only a
 * newer resource version changes a row. Concurrent calls share one statement.
 */
import { assert } from '@windlass/base';
import type { Postgres } from '../connect.ts';
import { query, type Statement } from '../query.ts';
import { createStatementBatcher } from './batches.ts';
import type { ObservedDeployment } from './contract.ts';
import { holderColumns, readingColumns, writeNewer } from './deployment-row.ts';
import { ownJson } from './text.ts';

export function createRecordObserved(postgres: Postgres) {
  const batcher = createStatementBatcher<ObservedDeployment, boolean>({
    name: 'observed',
    metrics: postgres.metrics,
    run: (items) => recordItems(postgres, items),
  });
  return {
    recordObserved: (observed: ObservedDeployment): Promise<boolean> => {
      assert(/^\d{1,20}$/.test(observed.resourceVersion), 'a resource version is a whole number');
      return batcher.add(observed);
    },
  };
}

async function recordItems(
  { pool }: Postgres,
  items: readonly ObservedDeployment[],
): Promise<readonly boolean[]> {
  const newest = newestOfEach(items);
  const rows = await query<{ readonly identifier: string }>(pool, observedStatement, [
    ownJson([...newest.values()].map(inputRow)),
  ]);
  const written = new Set(rows.map(({ identifier }) => identifier));
  return items.map((item) => newest.get(item.identifier) === item && written.has(item.identifier));
}

/** A batch writes a row once: the older readings of the same deployment would change nothing. */
function newestOfEach(
  items: readonly ObservedDeployment[],
): ReadonlyMap<string, ObservedDeployment> {
  const newest = new Map<string, ObservedDeployment>();
  for (const item of items) {
    const other = newest.get(item.identifier);
    if (other === undefined || isOlder(other, item)) {
      newest.set(item.identifier, item);
    }
  }
  return newest;
}

function isOlder(one: ObservedDeployment, other: ObservedDeployment): boolean {
  const difference = BigInt(other.resourceVersion) - BigInt(one.resourceVersion);
  if (difference !== 0n) return difference > 0n;
  return BigInt(one.healthVersion) < BigInt(other.healthVersion);
}

function inputRow(observed: ObservedDeployment) {
  return {
    identifier: observed.identifier,
    namespace: observed.namespace,
    request_id: observed.requestId,
    uid: observed.uid,
    resource_version: observed.resourceVersion,
    health_version: observed.healthVersion,
    generation: observed.generation,
    observed_generation: observed.observedGeneration,
    revision: observed.revision,
    image: observed.image,
    replicas: observed.replicas,
    ready_replicas: observed.readyReplicas,
    updated_replicas: observed.updatedReplicas,
    available_replicas: observed.availableReplicas,
    paused: observed.paused,
    health: observed.health,
    health_reason: observed.healthReason,
    health_message: observed.healthMessage,
    conditions: observed.conditions,
    labels: observed.labels,
    created_at: observed.createdAt.toISOString(),
  };
}

const observedStatement: Statement = {
  name: 'record_observed',
  text: `
WITH input AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS i(
    identifier text, namespace text, request_id text, uid text, resource_version numeric(20, 0),
    health_version numeric(20, 0),
    generation bigint, observed_generation bigint, revision bigint, image text, replicas integer,
    ready_replicas integer, updated_replicas integer, available_replicas integer, paused boolean,
    health text, health_reason text, health_message text, conditions jsonb, labels jsonb,
    created_at timestamptz)
), written AS (
  INSERT INTO deployments AS d (${readingColumns.join(', ')}, ${holderColumns})
  SELECT ${readingColumns.map((column) => `i.${column}`).join(', ')},
         x.user_id, x.first_revision, false, pg_current_xact_id()
    FROM input i
    JOIN LATERAL (
      SELECT x.user_id, x.first_revision FROM identifiers x
       WHERE x.identifier = i.identifier AND x.namespace = i.namespace
         AND x.released_at IS NULL
         AND (i.revision = 0 OR i.revision >= x.first_revision)
       LIMIT 1
    ) x ON true
   ORDER BY i.identifier
  ${writeNewer}
  RETURNING d.identifier, d.user_id, d.replicas, d.ready_replicas, d.health, d.health_reason,
            d.revision, d.shown_txid = pg_current_xact_id() AS shown
), told AS (
  INSERT INTO activity (user_id, identifier, request_id, type, data)
  SELECT w.user_id, w.identifier, x.request_id, 'deployment.changed',
         jsonb_build_object('health', w.health, 'reason', w.health_reason, 'revision', w.revision,
                            'replicas', w.replicas, 'readyReplicas', w.ready_replicas)
    FROM written w JOIN identifiers x ON x.identifier = w.identifier
   WHERE w.shown
)
SELECT identifier FROM written`,
};
