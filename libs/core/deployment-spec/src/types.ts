/**
 * What a user asks for. Every field is validated at the API; here it is already well formed.
 * The names are Kubernetes' own (apps/v1 Deployment), flattened to what one container needs.
 */
export type DeploymentSpec = {
  /** Image reference, 1 to 512 characters. */
  readonly image: string;
  /** 0 to 1,000; 1 where the user names none. Left alone where an autoscaler owns it. */
  readonly replicas: number;
  readonly ports?: readonly ContainerPort[];
  readonly env?: readonly EnvironmentVariable[];
  readonly resources?: Resources;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly volumes?: readonly Volume[];
  readonly serviceAccountName?: string;
  readonly imagePullSecrets?: readonly string[];
  readonly securityContext?: SecurityContext;
  readonly strategy?: Strategy;
  readonly minReadySeconds?: number;
  readonly progressDeadlineSeconds?: number;
  readonly revisionHistoryLimit?: number;
  readonly terminationGracePeriodSeconds?: number;
  /** A Service of the same name in front of the pods. */
  readonly service?: ServiceSpec;
  /** The rollout is held (operation PAUSE), until RESUME. */
  readonly paused?: boolean;
  /** RFC 3339; a new value restarts the pods (operation RESTART). Set by the server. */
  readonly restartedAt?: string;
};

export const Protocol = { Tcp: 'TCP', Udp: 'UDP', Sctp: 'SCTP' } as const;
export type Protocol = (typeof Protocol)[keyof typeof Protocol];

export type ContainerPort = {
  readonly name?: string;
  readonly containerPort: number;
  readonly protocol?: Protocol;
  /** Refused by the baseline Pod Security Standard. */
  readonly hostPort?: number;
};

export type KeyReference = {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
};

/** Exactly one of value, secretKeyRef and configMapKeyRef. */
export type EnvironmentVariable = {
  readonly name: string;
  readonly value?: string;
  readonly secretKeyRef?: KeyReference;
  readonly configMapKeyRef?: KeyReference;
};

/** Kubernetes quantities by resource name, such as {"cpu": "250m", "memory": "128Mi"}. */
export type Quantities = Readonly<Record<string, string>>;
export type Resources = { readonly requests?: Quantities; readonly limits?: Quantities };

/** Exactly one of httpGet, tcpSocket, grpc and exec. */
export type Probe = {
  readonly httpGet?: {
    readonly path?: string;
    readonly port: number | string;
    readonly scheme?: 'HTTP' | 'HTTPS';
  };
  readonly tcpSocket?: { readonly port: number | string };
  readonly grpc?: { readonly port: number; readonly service?: string };
  readonly exec?: { readonly command: readonly string[] };
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
};

/** Exactly one of configMap, secret and emptyDir. */
export type Volume = {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly?: boolean;
  readonly configMap?: { readonly name: string; readonly optional?: boolean };
  readonly secret?: { readonly secretName: string; readonly optional?: boolean };
  readonly emptyDir?: { readonly medium?: 'Memory'; readonly sizeLimit?: string };
};

export type SecurityContext = {
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly fsGroup?: number;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly seccompProfile?: {
    readonly type: 'RuntimeDefault' | 'Unconfined' | 'Localhost';
    readonly localhostProfile?: string;
  };
};

/** Whole numbers or percentages such as "25%". */
export type Strategy =
  | { readonly type: 'Recreate' }
  | {
      readonly type: 'RollingUpdate';
      readonly maxSurge?: number | string;
      readonly maxUnavailable?: number | string;
    };

export type ServiceSpec = {
  readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
  readonly ports: readonly {
    readonly name?: string;
    readonly port: number;
    readonly targetPort?: number | string;
    readonly protocol?: Protocol;
  }[];
};

/** Which deployment a spec belongs to, and which revision of the intent it is. */
export type DeploymentIdentity = {
  /** Name of the Deployment; unique among all users. An RFC 1123 label, at most 63 characters. */
  readonly identifier: string;
  readonly namespace: string;
  readonly userId: string;
  /** What userLabelValue makes of the user id. */
  readonly userLabel: string;
  readonly requestId: string;
  /** Rises by one per accepted change of the identifier, also across deletion and re-creation. */
  readonly revision: number;
};
