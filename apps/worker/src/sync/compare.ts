/**
 * Compares everything that is recorded with one list of the cluster. Finds what no event told: a
 * deletion while every watcher was away, and rows that fell behind.
 */
import { labelNames, managerName } from '@windlass/deployment-spec';
import { deployments } from '@windlass/kube';
import type { DeploymentStore } from '@windlass/postgres';
import { type SyncDeps, syncPresent } from './handle-sync.ts';

type ObservedVersions = Awaited<ReturnType<DeploymentStore['listObservedVersions']>>;

/** Rows read per query. */
const rowsPerPageMax = 1_000;

export async function compareWithCluster(deps: SyncDeps): Promise<void> {
  const list = await deps.kube.listAll(deployments, {
    namespace: null,
    labelSelector: `${labelNames.managedBy}=${managerName}`,
    signal: deps.signal,
  });
  const present = new Map(
    list.items.map((object) => [`${object.metadata.namespace}/${object.metadata.name}`, object]),
  );
  let after: string | null = null;
  for (;;) {
    const rows: ObservedVersions = await deps.store.listObservedVersions(after, rowsPerPageMax);
    for (const row of rows) {
      const key = `${row.namespace}/${row.identifier}`;
      const object = present.get(key);
      present.delete(key);
      if (object === undefined) {
        const { namespace, identifier } = row;
        const changed = await deps.store.recordAbsent(namespace, identifier, list.resourceVersion);
        if (!changed) continue;
        deps.meters.comparedAbsent.inc();
        deps.wakeActivity(identifier);
      } else if (object.metadata.resourceVersion !== row.resourceVersion) {
        await syncPresent(deps, object);
      }
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsPerPageMax) break;
    after = last.identifier;
  }
  for (const object of present.values()) await syncPresent(deps, object);
}
