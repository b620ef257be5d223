/**
 * A spec as the Deployment that Kubernetes shall have. The result holds what the user set and what
 * Windlass owns, nothing else: what Kubernetes fills in, or somebody else applies, stays theirs.
 */
import type {
  ContainerManifest,
  ContainerSecurityContext,
  DeploymentManifest,
  EnvironmentManifest,
  PodSecurityContext,
  PodSpec,
  VolumeManifest,
} from './manifest-types.ts';
import { annotationNames, ownAnnotations, ownLabels, selectorLabels } from './names.ts';
import { present, presentOrNothing } from './present.ts';
import type {
  DeploymentIdentity,
  DeploymentSpec,
  EnvironmentVariable,
  SecurityContext,
  Strategy,
} from './types.ts';

export type DeploymentOptions = {
  /** True where an autoscaler owns the number of replicas: the field is then not ours to name. */
  readonly omitReplicas?: boolean;
};

export function toDeployment(
  spec: DeploymentSpec,
  identity: DeploymentIdentity,
  options: DeploymentOptions = {},
): DeploymentManifest {
  const labels = { ...spec.labels, ...ownLabels(identity) };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: identity.identifier,
      namespace: identity.namespace,
      labels,
      annotations: { ...spec.annotations, ...ownAnnotations(identity) },
    },
    spec: present<DeploymentManifest['spec']>({
      replicas: options.omitReplicas === true ? undefined : spec.replicas,
      selector: { matchLabels: selectorLabels(identity) },
      template: {
        metadata: present({ labels, annotations: podAnnotations(spec) }),
        spec: podSpec(spec, identity),
      },
      strategy: spec.strategy === undefined ? undefined : strategy(spec.strategy),
      minReadySeconds: spec.minReadySeconds,
      progressDeadlineSeconds: spec.progressDeadlineSeconds,
      revisionHistoryLimit: spec.revisionHistoryLimit,
      // Always named: a rollout that kubectl paused goes on with the next revision.
      paused: spec.paused ?? false,
    }),
  };
}

/**
 * The pods carry the user's annotations and the time of the last restart. Not the revision or the
 * request: a change there would replace every pod.
 */
function podAnnotations(spec: DeploymentSpec): Record<string, string> | undefined {
  if (spec.restartedAt === undefined) {
    return Object.keys(spec.annotations ?? {}).length === 0 ? undefined : { ...spec.annotations };
  }
  return { ...spec.annotations, [annotationNames.restartedAt]: spec.restartedAt };
}

function podSpec(spec: DeploymentSpec, identity: DeploymentIdentity): PodSpec {
  return present<PodSpec>({
    containers: [container(spec, identity)],
    volumes: nonEmpty(spec.volumes)?.map((volume) =>
      present<VolumeManifest>({
        name: volume.name,
        configMap: volume.configMap,
        secret: volume.secret,
        emptyDir: volume.emptyDir,
      }),
    ),
    serviceAccountName: spec.serviceAccountName,
    imagePullSecrets: nonEmpty(spec.imagePullSecrets)?.map((name) => ({ name })),
    securityContext: podSecurityContext(spec.securityContext ?? {}),
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds,
  });
}

/** The container bears the deployment's name, so that `kubectl logs` and events read well. */
function container(spec: DeploymentSpec, identity: DeploymentIdentity): ContainerManifest {
  return present<ContainerManifest>({
    name: identity.identifier,
    image: spec.image,
    command: nonEmpty(spec.command),
    args: nonEmpty(spec.args),
    ports: nonEmpty(spec.ports)?.map((port) => ({
      ...port,
      // Part of the key by which server-side apply merges ports, so it is always named.
      protocol: port.protocol ?? 'TCP',
    })),
    env: nonEmpty(spec.env)?.map(environment),
    resources: presentOrNothing({
      requests: nonEmptyRecord(spec.resources?.requests),
      limits: nonEmptyRecord(spec.resources?.limits),
    }),
    livenessProbe: spec.livenessProbe,
    readinessProbe: spec.readinessProbe,
    startupProbe: spec.startupProbe,
    volumeMounts: nonEmpty(spec.volumes)?.map((volume) =>
      present({
        name: volume.name,
        mountPath: volume.mountPath,
        subPath: volume.subPath,
        readOnly: volume.readOnly,
      }),
    ),
    securityContext: containerSecurityContext(spec.securityContext ?? {}),
  });
}

function environment(variable: EnvironmentVariable): EnvironmentManifest {
  const { name, value, secretKeyRef, configMapKeyRef } = variable;
  if (secretKeyRef !== undefined) return { name, valueFrom: { secretKeyRef } };
  if (configMapKeyRef !== undefined) return { name, valueFrom: { configMapKeyRef } };
  return present<EnvironmentManifest>({ name, value, valueFrom: undefined });
}

/** Who the processes run as holds for the whole pod; fsGroup is only known there. */
function podSecurityContext(context: SecurityContext): PodSecurityContext | undefined {
  return presentOrNothing<PodSecurityContext>({
    runAsNonRoot: context.runAsNonRoot,
    runAsUser: context.runAsUser,
    runAsGroup: context.runAsGroup,
    fsGroup: context.fsGroup,
    seccompProfile: context.seccompProfile,
  });
}

/** What a container may do is only known per container. */
function containerSecurityContext(context: SecurityContext): ContainerSecurityContext | undefined {
  return presentOrNothing<ContainerSecurityContext>({
    privileged: context.privileged,
    allowPrivilegeEscalation: context.allowPrivilegeEscalation,
    readOnlyRootFilesystem: context.readOnlyRootFilesystem,
    capabilities: context.capabilities,
  });
}

function strategy(wanted: Strategy): NonNullable<DeploymentManifest['spec']['strategy']> {
  if (wanted.type === 'Recreate') return { type: 'Recreate' };
  const { type, ...rollingUpdate } = wanted;
  return Object.keys(rollingUpdate).length === 0 ? { type } : { type, rollingUpdate };
}

function nonEmpty<Item>(items: readonly Item[] | undefined): readonly Item[] | undefined {
  return items === undefined || items.length === 0 ? undefined : items;
}

function nonEmptyRecord(
  record: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | undefined {
  return record === undefined || Object.keys(record).length === 0 ? undefined : record;
}
