/** The labels and annotations by which Windlass knows its objects again. Written and read here only. */

import type { DeploymentIdentity } from './types.ts';

export const labelNames = {
  managedBy: 'app.kubernetes.io/managed-by',
  name: 'app.kubernetes.io/name',
  user: 'windlass.dev/user',
} as const;

export const annotationNames = {
  revision: 'windlass.dev/revision',
  request: 'windlass.dev/request',
  userId: 'windlass.dev/user-id',
  restartedAt: 'windlass.dev/restarted-at',
} as const;

/** Value of the managed-by label on everything that Windlass made. */
export const managerName = 'windlass';

/** Identifiers that are segments of the API's routes (`/api/v1/deployments/requests`). */
export const reservedIdentifiers: readonly string[] = ['requests'];

const labelValueLengthMax = 63;
const hashedPrefix = 'sha256-';
/** 160 bits: enough that nobody finds two users with one label. */
const hashedLength = 40;

/**
 * A user id as a label value: itself where it is a valid one, else `sha256-` and the first 40 hex
 * digits of its hash. Two users never share a value: an id that begins with `sha256-` is hashed too.
 * The exact id is in the annotation `windlass.dev/user-id`.
 *
 * @param sha256Hex SHA-256 of the text's UTF-8, in hex: from the caller's crypto library
 */
export function userLabelValue(userId: string, sha256Hex: (text: string) => string): string {
  const plain =
    userId.length <= labelValueLengthMax &&
    /^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(userId) &&
    !userId.startsWith(hashedPrefix);
  return plain ? userId : `${hashedPrefix}${sha256Hex(userId).slice(0, hashedLength)}`;
}

type Metadata = {
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
};

/** True for an object that Windlass made; any other one of the same name is foreign. */
export function isManaged(metadata: Metadata): boolean {
  return metadata.labels?.[labelNames.managedBy] === managerName;
}

/** What an object says about whose it is. */
export type Ownership = {
  /** The revision that was applied last; 0 where the annotation is absent or damaged. */
  readonly revision: number;
  /** Empty where the annotation is absent. */
  readonly userId: string;
  /** Empty where the annotation is absent. */
  readonly requestId: string;
};

export function readOwnership(metadata: Metadata): Ownership {
  const annotations = metadata.annotations ?? {};
  const revisionText = annotations[annotationNames.revision] ?? '';
  return {
    revision: /^[0-9]{1,15}$/.test(revisionText) ? Number(revisionText) : 0,
    userId: annotations[annotationNames.userId] ?? '',
    requestId: annotations[annotationNames.request] ?? '',
  };
}

/** Labels of a Deployment or Service, and of the pods: they must hold whatever the user's labels say. */
export function ownLabels(identity: DeploymentIdentity): Record<string, string> {
  return { ...selectorLabels(identity), [labelNames.user]: identity.userLabel };
}

/** Never changes for an identifier: Kubernetes makes a Deployment's selector immutable. */
export function selectorLabels(identity: DeploymentIdentity): Record<string, string> {
  return { [labelNames.managedBy]: managerName, [labelNames.name]: identity.identifier };
}

export function ownAnnotations(identity: DeploymentIdentity): Record<string, string> {
  return {
    [annotationNames.revision]: String(identity.revision),
    [annotationNames.request]: identity.requestId,
    [annotationNames.userId]: identity.userId,
  };
}
