/** What is recorded as present in the cluster, for the comparison with a list of it. */
import type { Postgres } from '../connect.ts';
import { query, type Statement } from '../query.ts';
import type { DeploymentStore } from './contract.ts';

type Versions = Awaited<ReturnType<DeploymentStore['listObservedVersions']>>;

/** Without those that are recorded as absent: neither tombstones nor what shows as Missing. */
export function listObservedVersions(
  { pool }: Postgres,
  afterIdentifier: string | null,
  limit: number,
): Promise<Versions> {
  return query<Versions[number]>(pool, observedVersionsStatement, [afterIdentifier ?? '', limit]);
}

const observedVersionsStatement: Statement = {
  name: 'list_observed_versions',
  text: `
SELECT identifier, namespace, resource_version::text AS "resourceVersion"
  FROM deployments
 WHERE identifier > $1 AND NOT tombstone AND health <> 'Missing'
 ORDER BY identifier
 LIMIT $2`,
};
