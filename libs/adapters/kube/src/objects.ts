/**
 * The shape of what travels: Kubernetes objects as plain JSON, reading only what we read. Every
 * field that Kubernetes may leave out is optional. Times stay RFC 3339 strings.
 */

/** Who owns which fields of an object (metadata.managedFields). */
export type ManagedFieldsEntry = {
  readonly manager?: string;
  /** Apply: by server-side apply. Update: by create, update or any other patch. */
  readonly operation?: 'Apply' | 'Update';
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: FieldSet;
  /** 'status', 'scale', …; absent for the object itself. */
  readonly subresource?: string;
};

/** A tree of owned fields: `f:name` for a field, `k:{…}` or `v:…` for an item, `.` for itself. */
export type FieldSet = { readonly [path: string]: FieldSet };

export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
};

export type ObjectMeta = {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  /** etcd's revision as a decimal string; see compareResourceVersions. */
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
};

export type KubeObject = {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
};

export type LabelSelector = {
  readonly matchLabels?: Readonly<Record<string, string>>;
};

export type ContainerTemplate = {
  readonly name: string;
  readonly image?: string;
  readonly [field: string]: unknown;
};

export type PodTemplate = {
  readonly metadata?: ObjectMeta;
  readonly spec?: {
    readonly containers: readonly ContainerTemplate[];
    readonly [field: string]: unknown;
  };
};

export type ObjectCondition = {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
  /** Deployments only: when the condition was last looked at and moved on. */
  readonly lastUpdateTime?: string;
};

export type Deployment = KubeObject & {
  readonly spec?: {
    readonly replicas?: number;
    readonly paused?: boolean;
    readonly selector?: LabelSelector;
    readonly template?: PodTemplate;
    readonly progressDeadlineSeconds?: number;
    readonly [field: string]: unknown;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly unavailableReplicas?: number;
    readonly conditions?: readonly ObjectCondition[];
  };
};

export type ReplicaSet = KubeObject & {
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: LabelSelector;
    readonly template?: PodTemplate;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly ObjectCondition[];
  };
};

export type ContainerState = {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string };
  readonly terminated?: {
    readonly exitCode: number;
    readonly reason?: string;
    readonly message?: string;
    readonly finishedAt?: string;
  };
};

export type ContainerStatus = {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly image?: string;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
};

export type Pod = KubeObject & {
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers: readonly ContainerTemplate[];
    readonly [field: string]: unknown;
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly ObjectCondition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
};

export type Service = KubeObject & {
  readonly spec?: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
};

export type KubeEvent = KubeObject & {
  readonly involvedObject: {
    readonly kind?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
  };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
};

export type HorizontalPodAutoscaler = KubeObject & {
  readonly spec?: {
    readonly scaleTargetRef?: {
      readonly apiVersion?: string;
      readonly kind: string;
      readonly name: string;
    };
    readonly minReplicas?: number;
    readonly maxReplicas?: number;
  };
};

/** An object to be written: any fields, which the API server checks (unknown ones are refused). */
export type KubeInput = KubeObject & { readonly [field: string]: unknown };

/** RFC 6902, as far as it is used. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

export type KubeList<Kind extends KubeObject = KubeObject> = {
  readonly items: readonly Kind[];
  /** The version of the whole list: every later change of a member has a higher one. */
  readonly resourceVersion: string;
  /** Opaque; null on the last page. */
  readonly continue: string | null;
};

/** Answer of the API server's /version. */
export type KubeVersion = {
  readonly gitVersion: string;
  readonly major: string;
  readonly minor: string;
};
