/**
 * The parts of Kubernetes' objects that health is judged by, as the API server writes them in JSON.
 * Only what is read here; whole objects fit.
 */

type Metadata = {
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  readonly generation?: number | undefined;
  readonly creationTimestamp?: string | undefined;
  readonly deletionTimestamp?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly ownerReferences?: readonly { readonly uid?: string | undefined }[] | undefined;
};

export type StatusCondition = {
  readonly type?: string | undefined;
  readonly status?: string | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
};

export type DeploymentObject = {
  readonly metadata?: Metadata | undefined;
  readonly spec?:
    | { readonly replicas?: number | undefined; readonly paused?: boolean | undefined }
    | undefined;
  readonly status?:
    | {
        readonly observedGeneration?: number | undefined;
        readonly replicas?: number | undefined;
        readonly updatedReplicas?: number | undefined;
        readonly readyReplicas?: number | undefined;
        readonly availableReplicas?: number | undefined;
        readonly conditions?: readonly StatusCondition[] | undefined;
      }
    | undefined;
};

export type ReplicaSetObject = { readonly metadata?: Metadata | undefined };

export type PodObject = {
  readonly metadata?: Metadata | undefined;
  readonly status?:
    | {
        readonly phase?: string | undefined;
        readonly reason?: string | undefined;
        readonly message?: string | undefined;
        readonly conditions?: readonly StatusCondition[] | undefined;
        readonly initContainerStatuses?: readonly ContainerStatus[] | undefined;
        readonly containerStatuses?: readonly ContainerStatus[] | undefined;
      }
    | undefined;
};

export type ContainerStatus = {
  readonly name?: string | undefined;
  readonly ready?: boolean | undefined;
  readonly restartCount?: number | undefined;
  readonly state?: ContainerState | undefined;
  readonly lastState?: ContainerState | undefined;
};

export type ContainerState = {
  readonly waiting?:
    | { readonly reason?: string | undefined; readonly message?: string | undefined }
    | undefined;
  readonly running?: object | undefined;
  readonly terminated?: Terminated | undefined;
};

export type Terminated = {
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
};

/** Of v1 (not events.k8s.io). */
export type EventObject = {
  readonly metadata?: Metadata | undefined;
  readonly involvedObject?:
    | { readonly uid?: string | undefined; readonly name?: string | undefined }
    | undefined;
  readonly type?: string | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly lastTimestamp?: string | null | undefined;
  readonly eventTime?: string | null | undefined;
  readonly series?: { readonly lastObservedTime?: string | undefined } | null | undefined;
};

export type RolloutInput = {
  /** Null where the cluster has none. */
  readonly deployment: DeploymentObject | null;
  /** Those of the deployment; others are passed over. */
  readonly replicaSets: readonly ReplicaSetObject[];
  /** Those of the replica sets; others are passed over. */
  readonly pods: readonly PodObject[];
  /** Of the deployment, its replica sets and their pods; others are passed over. */
  readonly events: readonly EventObject[];
};
