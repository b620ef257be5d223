/** What a dry run shows: the differences between two states of one Kubernetes object. */

export type ManifestDifference = {
  /**
   * Such as `spec.template.spec.containers[name=web].image` or `metadata.labels["a.b/c"]`. Members of
   * a list are named by `name` where all of them have one of their own, else by position.
   */
  readonly path: string;
  /** Null where absent. */
  readonly before: unknown;
  /** Null where absent. */
  readonly after: unknown;
};

/** What every write changes, or what the cluster keeps by itself. */
const ignoredPaths: ReadonlySet<string> = new Set([
  'status',
  'metadata.managedFields',
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.uid',
  'metadata.creationTimestamp',
  'metadata.selfLink',
  'metadata.annotations["deployment.kubernetes.io/revision"]',
  'metadata.annotations["windlass.dev/revision"]',
  'metadata.annotations["windlass.dev/request"]',
]);

/**
 * The differences, sorted by path. An object that is added or removed as a whole is one difference;
 * null stands for an absent object.
 */
export function diffManifests(before: unknown, after: unknown): readonly ManifestDifference[] {
  const differences: ManifestDifference[] = [];
  compare('', before ?? null, after ?? null, differences);
  return differences.sort((left, right) => (left.path < right.path ? -1 : 1));
}

function compare(
  path: string,
  before: unknown,
  after: unknown,
  differences: ManifestDifference[],
): void {
  if (ignoredPaths.has(path)) return;
  const pairs = memberPairs(before, after);
  if (pairs === null) {
    const [left, right] = [withoutIgnored(path, before), withoutIgnored(path, after)];
    if (left !== right) differences.push({ path, before: left, after: right });
    return;
  }
  for (const [segment, left, right] of pairs) {
    compare(join(path, segment), left, right, differences);
  }
}

/** For what is there on one side only. An object of which nothing is left counts as absent. */
function withoutIgnored(path: string, value: unknown): unknown {
  if (ignoredPaths.has(path)) return null;
  if (Array.isArray(value)) {
    return value.map((item, index) => withoutIgnored(`${path}[${index}]`, item));
  }
  if (!isObject(value)) return value;
  const kept = Object.entries(value)
    .map(([name, member]) => [name, withoutIgnored(join(path, segmentOf(name)), member)] as const)
    .filter(([, member]) => member !== null);
  const emptied = kept.length === 0 && Object.keys(value).length > 0;
  return emptied ? null : Object.fromEntries(kept);
}

type Pair = readonly [segment: string, before: unknown, after: unknown];

/** The members of both sides by segment; null where the two can't be compared member by member. */
function memberPairs(before: unknown, after: unknown): readonly Pair[] | null {
  if (Array.isArray(before) && Array.isArray(after)) {
    const byName = haveNames(before) && haveNames(after);
    return pairsOf(listMembers(before, byName), listMembers(after, byName));
  }
  if (isObject(before) && isObject(after)) {
    return pairsOf(objectMembers(before), objectMembers(after));
  }
  return null;
}

function pairsOf(left: Map<string, unknown>, right: Map<string, unknown>): readonly Pair[] {
  const segments = new Set([...left.keys(), ...right.keys()]);
  return Array.from(segments, (segment) => [
    segment,
    left.get(segment) ?? null,
    right.get(segment) ?? null,
  ]);
}

function objectMembers(value: Record<string, unknown>): Map<string, unknown> {
  return new Map(Object.entries(value).map(([name, member]) => [segmentOf(name), member]));
}

function segmentOf(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : `[${JSON.stringify(name)}]`;
}

function listMembers(items: readonly unknown[], byName: boolean): Map<string, unknown> {
  return new Map(
    items.map((item, index) => [byName ? `[name=${nameOf(item) ?? ''}]` : `[${index}]`, item]),
  );
}

function haveNames(items: readonly unknown[]): boolean {
  const names = items.map(nameOf);
  return names.every((name) => name !== null) && new Set(names).size === names.length;
}

function nameOf(item: unknown): string | null {
  return isObject(item) && typeof item['name'] === 'string' ? item['name'] : null;
}

function join(path: string, segment: string): string {
  return path === '' || segment.startsWith('[') ? `${path}${segment}` : `${path}.${segment}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
