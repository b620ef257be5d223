/** The log of one container of a deployment's pods. */
import { WindlassError } from '@windlass/errors';
import type { KubeClient, Pod } from '@windlass/kube';
import { clusterDeadlineMs, clusterFailure } from './cluster.ts';
import { isReady, listPods } from './pods.ts';

export type LogSelection = {
  /** Null: the newest pod that isn't ready, else the newest. */
  readonly pod: string | null;
  /** Null: the pod's first container. */
  readonly container: string | null;
  readonly tailLines: number;
  readonly sinceSeconds: number | null;
  readonly previous: boolean;
  readonly timestamps: boolean;
};

export type PodLog = { readonly pod: string; readonly container: string; readonly text: string };

/** Only of pods that belong to the deployment: another name is as good as none (404). */
export async function readLog(
  kube: KubeClient,
  namespace: string,
  identifier: string,
  selection: LogSelection,
): Promise<PodLog> {
  const pod = choosePod(await listPods(kube, namespace, identifier), selection.pod);
  const name = pod?.metadata.name;
  const containers = pod?.spec?.containers.map((container) => container.name) ?? [];
  const container = selection.container ?? containers[0];
  if (name === undefined || container === undefined || !containers.includes(container)) {
    throw new WindlassError('not-found', 'The deployment has no such pod or container.');
  }
  try {
    const text = await kube.podLogs({
      namespace,
      name,
      container,
      tailLines: selection.tailLines,
      previous: selection.previous,
      timestamps: selection.timestamps,
      deadlineMs: clusterDeadlineMs,
      ...(selection.sinceSeconds === null ? {} : { sinceSeconds: selection.sinceSeconds }),
    });
    return { pod: name, container, text };
  } catch (error) {
    throw clusterFailure(error);
  }
}

/** @param pods newest first */
function choosePod(pods: readonly Pod[], name: string | null): Pod | undefined {
  if (name !== null) return pods.find((pod) => pod.metadata.name === name);
  return pods.find((pod) => !isReady(pod)) ?? pods[0];
}
