/** Kubernetes: calls, errors sorted, list-and-watch. Read next: kube-client.ts, error-table.ts. */
export type {
  DeleteOptions,
  ListSelection,
  LogOptions,
  ObjectKey,
  WriteOptions,
} from './calls.ts';
export {
  classifyKubeError,
  KubeErrorKind,
} from './error-table.ts';
export { findObject } from './find-object.ts';
export type { ObjectChange } from './known-objects.ts';
export {
  type CallOptions,
  connectKube,
  type KubeClient,
  type KubeClientOptions,
} from './kube-client.ts';
export { KubeError, type KubeErrorCause, NoAnswer } from './kube-error.ts';
export { logBytesMax, logLinesMax } from './limits.ts';
export { type ListAndWatch, type ListAndWatchOptions, listAndWatch } from './list-and-watch.ts';
export { KubeconfigError, type KubeconfigSource, kubeconfigSourceOf } from './load-kubeconfig.ts';
export { adoptCreatedFields, type FieldOwner, replicasOwner } from './managed-fields.ts';
export type {
  ContainerState,
  ContainerStatus,
  Deployment,
  FieldSet,
  HorizontalPodAutoscaler,
  JsonPatchOperation,
  KubeEvent,
  KubeInput,
  KubeList,
  KubeObject,
  KubeVersion,
  ManagedFieldsEntry,
  ObjectCondition,
  ObjectMeta,
  OwnerReference,
  Pod,
  ReplicaSet,
  Service,
} from './objects.ts';
export { compareResourceVersions } from './resource-version.ts';
export {
  deployments,
  events,
  horizontalPodAutoscalers,
  namespaces,
  pods,
  type Resource,
  replicaSets,
  services,
} from './resources.ts';
