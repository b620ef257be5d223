/** Objects of Kubernetes, as far as the tests look into them. */
import { required } from '@windlass/base';

export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly metadata?: object; readonly spec: PodSpec };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
    readonly [field: string]: unknown;
  };
  readonly rules?: readonly PolicyRule[];
  readonly data?: Readonly<Record<string, string>>;
};

export type PolicyRule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
};

export type PodSpec = {
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly Container[];
  readonly volumes?: readonly object[];
  readonly [field: string]: unknown;
};

export type Container = {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext?: object;
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly [field: string]: unknown;
};

export type Probe = {
  readonly httpGet?: { readonly path: string; readonly port: string | number };
  readonly tcpSocket?: { readonly port: string | number };
};

export function isManifest(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && 'kind' in value && 'metadata' in value;
}

/** The only object of a kind. */
export function only(manifests: readonly Manifest[], kind: string): Manifest {
  const found = manifests.filter((manifest) => manifest.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} objects of kind ${kind}, not one`);
  return required(found[0], kind);
}

/** The pod of what has a template: a Deployment, StatefulSet or Job. */
export function podOf(manifest: Manifest): PodSpec {
  return required(manifest.spec?.template, `the template of ${manifest.kind}`).spec;
}

/** The only container of what has a template. */
export function containerOf(manifest: Manifest): Container {
  const { containers } = podOf(manifest);
  if (containers.length !== 1) throw new Error(`${containers.length} containers, not one`);
  return required(containers[0], 'the container');
}

/** Its variables. */
export function environmentOf(container: Container): Readonly<Record<string, string>> {
  return Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value ?? '']));
}
