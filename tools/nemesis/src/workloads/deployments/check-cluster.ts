/** Does the cluster show what was promised, and the API what the cluster shows? Pure. */
import type { Violation } from '../workload.ts';
import { grouped } from './check-requests.ts';
import { difference } from './intent.ts';
import type { ClusterObject, RevisionRow, ShownDeployment, Snapshot } from './snapshot.ts';

export function checkCluster(snapshot: Snapshot): readonly Violation[] {
  const objects = new Map(snapshot.cluster.map((object) => [object.identifier, object]));
  const revisions = grouped(snapshot.revisions, (row) => row.identifier);
  const orphans = snapshot.cluster.filter(({ identifier }) => !revisions.has(identifier));
  return [
    ...[...revisions].flatMap(([identifier, rows]) => {
      return checkDeployment(identifier, rows, objects.get(identifier) ?? null);
    }),
    ...orphans.map((object) => ({
      rule: 'orphan',
      subject: object.identifier,
      detail: 'a Deployment of ours is there that nobody asked for',
      fields: { ...object },
    })),
    ...checkShown(snapshot),
  ];
}

/** The object against the newest revision that ended well. */
function checkDeployment(
  identifier: string,
  unsorted: readonly RevisionRow[],
  object: ClusterObject | null,
): readonly Violation[] {
  const rows = unsorted.toSorted((left, right) => left.revision - right.revision);
  const newest = rows.at(-1);
  // An open one is told as stuck.
  if (newest === undefined || newest.status === 'OPEN') return [];
  const violation = (rule: string, detail: string): readonly Violation[] => [
    { rule, subject: identifier, detail, fields: { newest, object } },
  ];
  const lastGood = rows.findLast(({ status }) => status === 'SUCCESS');
  const failedSince = rows.filter((row) => row.revision > (lastGood?.revision ?? 0));
  // What failed may have come as far as the cluster: its answer can have been lost each time.
  const possible = [...(lastGood === undefined ? [] : [lastGood]), ...failedSince];
  const mayBeGone = lastGood === undefined || possible.some((row) => row.operation === 'DELETE');
  if (object === null) {
    if (mayBeGone) return [];
    return violation('absent', `revision ${lastGood?.revision} succeeded, and nothing is there`);
  }
  const applied = possible.find(
    (row) => row.revision === object.revision && row.operation !== 'DELETE',
  );
  if (applied !== undefined) {
    const differs = difference(applied.intent, object.intent);
    if (differs === null) return [];
    return violation('differs', `the cluster differs from revision ${object.revision}: ${differs}`);
  }
  if (lastGood?.operation === 'DELETE') {
    const detail = `deleted by revision ${lastGood.revision}, and there with ${object.revision}`;
    return violation('not-gone', detail);
  }
  const wanted = possible.map(({ revision }) => revision).join(' or ');
  return violation('older', `the cluster shows revision ${object.revision}, not ${wanted}`);
}

/** GET /deployments of all users equals the cluster. */
function checkShown(snapshot: Snapshot): readonly Violation[] {
  const shown = grouped(snapshot.shown, ({ identifier }) => identifier);
  const objects = new Map(snapshot.cluster.map((object) => [object.identifier, object]));
  const names = [...new Set([...shown.keys(), ...objects.keys()])].toSorted();
  return names.flatMap((identifier): readonly Violation[] => {
    const items = shown.get(identifier) ?? [];
    const object = objects.get(identifier);
    const expected = object === undefined ? null : shownOf(object);
    const isEqual =
      expected === null
        ? items.length === 0
        : items.length === 1 && shownNames.every((name) => items[0]?.[name] === expected[name]);
    if (isEqual) return [];
    const detail = 'GET /deployments shows something else than the cluster';
    return [{ rule: 'shown', subject: identifier, detail, fields: { shown: items, expected } }];
  });
}

const shownNames = [
  'uid',
  'resourceVersion',
  'revision',
  'image',
  'replicas',
  'readyReplicas',
  'paused',
] as const;

function shownOf(object: ClusterObject): ShownDeployment {
  const { identifier, uid, resourceVersion, revision, readyReplicas, intent } = object;
  const { image, replicas, paused } = intent;
  return { identifier, uid, resourceVersion, revision, image, replicas, readyReplicas, paused };
}
