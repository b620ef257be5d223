/**
 * Resource versions are etcd's revisions: decimal numbers that only rise, over all objects of a
 * cluster, and may outgrow a double. Kubernetes documents them as comparable since 1.35.
 */

/** Negative where `left` is older than `right`, 0 where they are the same, positive where newer. */
export function compareResourceVersions(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

export function newerResourceVersion(left: string, right: string): string {
  return compareResourceVersions(left, right) >= 0 ? left : right;
}
