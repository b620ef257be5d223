/** Watches the cluster all along: the revision of an object must never fall. */
import { labelNames, managerName, readOwnership } from '@windlass/deployment-spec';
import { deployments, type KubeClient, listAndWatch, type ObjectChange } from '@windlass/kube';
import type { Incident } from './ledger.ts';

export type RevisionWatch = {
  /** Deployments that a late write brought back or set back: only these may be put right again. */
  readonly setBack: ReadonlySet<string>;
  readonly stop: () => Promise<void>;
};

export function watchRevisions(
  client: KubeClient,
  prefix: string,
  report: (incident: Incident) => void,
): RevisionWatch {
  const ending = new AbortController();
  const { onEvent, setBack } = createRevisionCheck(prefix, report);
  const watch = listAndWatch({
    client,
    resource: deployments,
    namespace: null,
    labelSelector: `${labelNames.managedBy}=${managerName}`,
    signal: ending.signal,
    onEvent,
  });
  return {
    setBack,
    stop: () => {
      ending.abort();
      return watch.stopped;
    },
  };
}

export type RevisionCheck = Pick<RevisionWatch, 'setBack'> & {
  readonly onEvent: (change: ObjectChange) => void;
};

/** Judges each change as it comes; a deleted object that is created again has another uid. */
export function createRevisionCheck(
  prefix: string,
  report: (incident: Incident) => void,
): RevisionCheck {
  const newestByUid = new Map<string, number>();
  const newestByName = new Map<string, number>();
  const setBack = new Set<string>();
  const onEvent = ({ type, name, uid, object, resourceVersion }: ObjectChange) => {
    if (!name.startsWith(prefix)) return;
    if (type === 'deleted' || object === null) {
      newestByUid.delete(uid);
      return;
    }
    const { revision } = readOwnership(object.metadata);
    const before = newestByUid.get(uid);
    const newestOfName = newestByName.get(name) ?? 0;
    if (before === undefined ? revision <= newestOfName : revision < before) setBack.add(name);
    newestByUid.set(uid, Math.max(before ?? 0, revision));
    newestByName.set(name, Math.max(newestOfName, revision));
    if (before === undefined || revision >= before) return;
    report({
      rule: 'older-over-newer',
      subject: name,
      detail: `the object showed revision ${before}, then ${revision}`,
      fields: { uid, resourceVersion },
    });
  };
  return { onEvent, setBack };
}
