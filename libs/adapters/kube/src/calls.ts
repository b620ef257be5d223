/** The requests of each call, as data: path, query, headers and body. No I/O. */
import { assert } from '@windlass/base';
import type { HttpRequest } from './http-exchange.ts';
import type { CallSubject } from './kube-error.ts';
import { logBytesDefault, logBytesMax, logLinesMax } from './limits.ts';
import type { JsonPatchOperation, KubeInput } from './objects.ts';
import { apiVersionOf, collectionPath, objectPath, pods, type Resource } from './resources.ts';

/** Which object; the namespace is null only where the resource has none. */
export type ObjectKey = { readonly namespace: string | null; readonly name: string };

export type ListSelection = {
  /** Null for all namespaces. */
  readonly namespace: string | null;
  /** Such as `app.kubernetes.io/managed-by=windlass`. */
  readonly labelSelector?: string;
  /** Such as `metadata.name=web`. */
  readonly fieldSelector?: string;
};

export type WriteOptions = {
  /** Who is named as the owner of the fields that are written. */
  readonly fieldManager: string;
  /** True: Kubernetes checks and answers as for a real write, and writes nothing. */
  readonly dryRun?: boolean;
};

export type DeleteOptions = {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  /** Background by default: the object goes at once, what it owns after it. */
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  readonly dryRun?: boolean;
};

export type LogOptions = {
  readonly container?: string;
  /** Lines from the end, at most 10,000. */
  readonly tailLines?: number;
  /** Bytes from where it begins; 256 KiB by default, at most 4 MiB. */
  readonly limitBytes?: number;
  readonly sinceSeconds?: number;
  /** The log of the container's run before this one. */
  readonly previous?: boolean;
  readonly timestamps?: boolean;
};

/** Only what's asked of the metadata: a tenth of the bytes, for lists and watches of names. */
export const metadataListType = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
export const metadataType = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const jsonType = 'application/json';

export function getRequest(resource: Resource, key: ObjectKey): HttpRequest {
  return {
    subject: subjectOf('get', resource, key),
    method: 'GET',
    path: objectPath(resource, key.namespace, key.name),
    headers: headers(jsonType),
    body: null,
  };
}

export function listRequest(
  resource: Resource,
  selection: ListSelection,
  page: {
    readonly limit: number;
    readonly continue: string | null;
    readonly metadataOnly: boolean;
  },
): HttpRequest {
  const query = new URLSearchParams({ limit: String(page.limit) });
  if (page.continue !== null) query.set('continue', page.continue);
  addSelectors(query, selection);
  return {
    subject: subjectOf('list', resource, { namespace: selection.namespace, name: '' }),
    method: 'GET',
    path: `${collectionPath(resource, selection.namespace)}?${query.toString()}`,
    headers: headers(page.metadataOnly ? metadataListType : jsonType),
    body: null,
  };
}

/** A watch for the metadata of what changes after a resource version. */
export function watchRequest(
  resource: Resource,
  selection: ListSelection,
  resourceVersion: string,
  timeoutSeconds: number,
): HttpRequest {
  const query = new URLSearchParams({
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    timeoutSeconds: String(timeoutSeconds),
  });
  addSelectors(query, selection);
  return {
    subject: subjectOf('watch', resource, { namespace: selection.namespace, name: '' }),
    method: 'GET',
    path: `${collectionPath(resource, selection.namespace)}?${query.toString()}`,
    headers: headers(metadataType),
    body: null,
  };
}

export function createRequest(
  resource: Resource,
  object: KubeInput,
  options: WriteOptions,
): HttpRequest {
  const key = keyOf(resource, object);
  return {
    subject: subjectOf('create', resource, key),
    method: 'POST',
    path: `${collectionPath(resource, key.namespace)}?${writeQuery(options).toString()}`,
    headers: headers(jsonType, jsonType),
    body: bodyOf(resource, object),
  };
}

/**
 * Server-side apply. A resourceVersion in the object's metadata makes it a conflict when the object
 * has changed since. It takes the uid to make it one when the object is gone: with the version alone
 * Kubernetes would make it anew.
 */
export function applyRequest(
  resource: Resource,
  object: KubeInput,
  options: WriteOptions & { readonly force?: boolean },
): HttpRequest {
  const key = keyOf(resource, object);
  const { uid, resourceVersion } = object.metadata;
  const both = (resourceVersion === undefined) === (uid === undefined);
  assert(both, 'an apply names both the uid and the resourceVersion that were read, or neither');
  const query = writeQuery(options);
  if (options.force) query.set('force', 'true');
  return {
    subject: subjectOf('apply', resource, key),
    method: 'PATCH',
    path: `${objectPath(resource, key.namespace, key.name)}?${query.toString()}`,
    headers: headers(jsonType, 'application/apply-patch+yaml'),
    body: bodyOf(resource, object),
  };
}

export function jsonPatchRequest(
  resource: Resource,
  key: ObjectKey,
  operations: readonly JsonPatchOperation[],
  options: WriteOptions,
): HttpRequest {
  return {
    subject: subjectOf('patch', resource, key),
    method: 'PATCH',
    path: `${objectPath(resource, key.namespace, key.name)}?${writeQuery(options).toString()}`,
    headers: headers(jsonType, 'application/json-patch+json'),
    body: JSON.stringify(operations),
  };
}

export function deleteRequest(
  resource: Resource,
  key: ObjectKey,
  options: DeleteOptions,
): HttpRequest {
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: options.propagationPolicy ?? 'Background',
    ...(options.preconditions === undefined ? {} : { preconditions: options.preconditions }),
    ...(options.dryRun ? { dryRun: ['All'] } : {}),
  };
  return {
    subject: subjectOf('delete', resource, key),
    method: 'DELETE',
    path: objectPath(resource, key.namespace, key.name),
    headers: headers(jsonType, jsonType),
    body: JSON.stringify(body),
  };
}

export function podLogsRequest(key: ObjectKey, options: LogOptions): HttpRequest {
  const limitBytes = options.limitBytes ?? logBytesDefault;
  assert(limitBytes > 0 && limitBytes <= logBytesMax, `limitBytes must be 1 to ${logBytesMax}`);
  const query = new URLSearchParams({ limitBytes: String(limitBytes) });
  if (options.tailLines !== undefined) {
    const inBounds = options.tailLines >= 0 && options.tailLines <= logLinesMax;
    assert(inBounds, `tailLines must be 0 to ${logLinesMax}`);
    query.set('tailLines', String(options.tailLines));
  }
  if (options.container !== undefined) query.set('container', options.container);
  if (options.sinceSeconds !== undefined) query.set('sinceSeconds', String(options.sinceSeconds));
  if (options.previous) query.set('previous', 'true');
  if (options.timestamps) query.set('timestamps', 'true');
  return {
    subject: subjectOf('logs', pods, key),
    method: 'GET',
    path: `${objectPath(pods, key.namespace, key.name)}/log?${query.toString()}`,
    headers: headers('*/*'),
    body: null,
  };
}

export function versionRequest(): HttpRequest {
  return {
    subject: { verb: 'get', resource: 'version', kind: '', target: '' },
    method: 'GET',
    path: '/version',
    headers: headers(jsonType),
    body: null,
  };
}

function headers(accept: string, contentType?: string): Record<string, string> {
  const common = { Accept: accept, 'User-Agent': 'windlass' };
  return contentType === undefined ? common : { ...common, 'Content-Type': contentType };
}

function subjectOf(verb: string, resource: Resource, key: ObjectKey): CallSubject {
  const target = key.namespace === null ? key.name : `${key.namespace}/${key.name}`;
  return { verb, resource: resource.plural, kind: resource.kind, target };
}

function keyOf(resource: Resource, object: KubeInput): ObjectKey {
  const { name, namespace } = object.metadata;
  assert(name !== undefined && name !== '', `${resource.plural}: metadata.name is missing`);
  return { namespace: namespace ?? null, name };
}

function bodyOf(resource: Resource, object: KubeInput): string {
  return JSON.stringify({ ...object, apiVersion: apiVersionOf(resource), kind: resource.kind });
}

/** Unknown fields are refused by name (Strict): a misspelt one must not vanish without a word. */
function writeQuery(options: WriteOptions): URLSearchParams {
  const query = new URLSearchParams({
    fieldManager: options.fieldManager,
    fieldValidation: 'Strict',
  });
  if (options.dryRun) query.set('dryRun', 'All');
  return query;
}

function addSelectors(query: URLSearchParams, selection: ListSelection): void {
  if (selection.labelSelector) query.set('labelSelector', selection.labelSelector);
  if (selection.fieldSelector) query.set('fieldSelector', selection.fieldSelector);
}
