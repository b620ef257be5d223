/**
 * Who owns which field of an object, from metadata.managedFields.
 *
 * An object made by POST has its fields under an entry of operation Update. A later server-side
 * apply by the same manager makes an entry of its own, beside that one: a field left out of the
 * apply is given up there, but stays owned by the Update entry, and so stays in the object. So,
 * before the first apply, the Update entry is turned into an Apply entry.
 */
import { assert } from '@windlass/base';
import type { FieldSet, JsonPatchOperation, KubeObject, ManagedFieldsEntry } from './objects.ts';

/**
 * The patch that turns what a manager owns by create and update into what it owns by apply, or null
 * where there is nothing to turn. Entries of subresources (status, scale) stay.
 *
 * The patch sets the resource version that was read, so it meets a conflict where the object has
 * changed since (a `test` of the version would be answered with 422, which tells nothing).
 */
export function adoptCreatedFields(
  object: KubeObject,
  fieldManager: string,
): readonly JsonPatchOperation[] | null {
  const entries = object.metadata.managedFields ?? [];
  const created = entries.filter((entry) => isOf(entry, fieldManager, 'Update'));
  const newest = created[0];
  if (newest === undefined) return null;
  assert(object.metadata.resourceVersion !== undefined, 'an object that was read has a version');
  const applied = entries.find((entry) => isOf(entry, fieldManager, 'Apply'));
  const target = applied ?? newest;
  // Fields of another API version may have other names: such an entry can only be dropped.
  const fields = created
    .filter((entry) => entry !== target && entry.apiVersion === target.apiVersion)
    .reduce((union, entry) => unionOf(union, entry.fieldsV1 ?? {}), target.fieldsV1 ?? {});
  const adopted: ManagedFieldsEntry = { ...target, operation: 'Apply', fieldsV1: fields };
  const value = entries.flatMap((entry) => {
    if (entry === target) return [adopted];
    return created.includes(entry) ? [] : [entry];
  });
  return [
    { op: 'replace', path: '/metadata/managedFields', value },
    { op: 'replace', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion },
  ];
}

export type FieldOwner = {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** `scale` for an autoscaler and for `kubectl scale`; null for the object itself. */
  readonly subresource: string | null;
};

/**
 * Who owns spec.replicas; null for nobody. Where several do (they set the same value), the one
 * through the scale subresource counts, as that is where autoscalers write; then whoever isn't
 * `exceptManager`.
 */
export function replicasOwner(object: KubeObject, exceptManager?: string): FieldOwner | null {
  const owners = ownersOf(object, ['spec', 'replicas']);
  return (
    owners.find((owner) => owner.subresource === 'scale') ??
    owners.find((owner) => owner.manager !== exceptManager) ??
    owners[0] ??
    null
  );
}

/** All owners of one field, in the order of the object's entries. */
function ownersOf(object: KubeObject, path: readonly string[]): readonly FieldOwner[] {
  return (object.metadata.managedFields ?? [])
    .filter((entry) => owns(entry.fieldsV1, path))
    .map((entry) => ({
      manager: entry.manager ?? '',
      operation: entry.operation ?? 'Update',
      subresource: entry.subresource || null,
    }));
}

function owns(fields: FieldSet | undefined, path: readonly string[]): boolean {
  let at = fields;
  for (const name of path) at = at?.[`f:${name}`];
  return at !== undefined;
}

function isOf(entry: ManagedFieldsEntry, manager: string, operation: 'Apply' | 'Update'): boolean {
  return entry.manager === manager && entry.operation === operation && !entry.subresource;
}

function unionOf(left: FieldSet, right: FieldSet): FieldSet {
  const union: Record<string, FieldSet> = { ...left };
  for (const [path, fields] of Object.entries(right)) {
    const present = union[path];
    union[path] = present === undefined ? fields : unionOf(present, fields);
  }
  return union;
}
