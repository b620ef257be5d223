/** Which kinds of object we talk about, as data, and the paths that the API server serves them on. */
import { assert } from '@windlass/base';
import type {
  Deployment,
  HorizontalPodAutoscaler,
  KubeEvent,
  KubeObject,
  Pod,
  ReplicaSet,
  Service,
} from './objects.ts';

/** Kind is the type of the objects; it exists for the type checker only. */
export type Resource<Kind extends KubeObject = KubeObject> = {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Lower-case plural, as in paths and in Kubernetes' own messages. */
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly objects?: Kind;
};

export const deployments: Resource<Deployment> = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
};
export const replicaSets: Resource<ReplicaSet> = {
  group: 'apps',
  version: 'v1',
  plural: 'replicasets',
  kind: 'ReplicaSet',
  namespaced: true,
};
export const pods: Resource<Pod> = {
  group: '',
  version: 'v1',
  plural: 'pods',
  kind: 'Pod',
  namespaced: true,
};
export const services: Resource<Service> = {
  group: '',
  version: 'v1',
  plural: 'services',
  kind: 'Service',
  namespaced: true,
};
/** The core group's events: the ones with involvedObject, which every component still writes. */
export const events: Resource<KubeEvent> = {
  group: '',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};
export const horizontalPodAutoscalers: Resource<HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
};
export const namespaces: Resource = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
};

/** Value of an object's apiVersion field. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/**
 * Path of a collection.
 *
 * @param namespace null for all namespaces, or where the resource has none
 */
export function collectionPath(resource: Resource, namespace: string | null): string {
  assert(resource.namespaced || namespace === null, `${resource.plural} have no namespace`);
  const root = resource.group === '' ? '/api' : `/apis/${resource.group}`;
  const scope = namespace === null ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}/${resource.version}${scope}/${resource.plural}`;
}

/** Path of one object; null as the namespace only where the resource has none. */
export function objectPath(resource: Resource, namespace: string | null, name: string): string {
  assert(!resource.namespaced || namespace !== null, `${resource.plural} need a namespace`);
  // An empty name would address the whole collection: a deletion of one would be one of all.
  assert(name !== '' && namespace !== '', `${resource.plural}: the name or namespace is empty`);
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}
