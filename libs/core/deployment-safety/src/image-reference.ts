/** Image references, read as container runtimes read them (distribution/reference). */

export type ImageReference = {
  /** Lower case, with the port where one is named; `docker.io` where none is. */
  readonly registry: string;
  /** Path in the registry; `library/` is added to single names on docker.io. */
  readonly repository: string;
  readonly tag: string | null;
  /** Such as `sha256:…`. */
  readonly digest: string | null;
};

const defaultRegistry = 'docker.io';
const defaultNamespace = 'library';
/** Docker's own older name for the default registry. */
const defaultRegistryAlias = 'index.docker.io';

/** Limit of distribution/reference on the name (registry and repository). */
const nameLengthMax = 255;

/** The parts of a reference; null where it isn't one. */
export function parseImageReference(text: string): ImageReference | null {
  const [beforeDigest = '', digest = null, ...rest] = text.split('@');
  if (rest.length > 0 || (digest !== null && !isDigest(digest))) return null;
  const colon = beforeDigest.lastIndexOf(':');
  const hasTag = colon > beforeDigest.lastIndexOf('/');
  const tag = hasTag ? beforeDigest.slice(colon + 1) : null;
  if (tag !== null && !/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(tag)) return null;
  const { registry, repository } = splitName(hasTag ? beforeDigest.slice(0, colon) : beforeDigest);
  if (registry.length + repository.length >= nameLengthMax) return null;
  const wellFormed = isRegistry(registry) && repository.split('/').every(isPathComponent);
  return wellFormed ? { registry, repository, tag, digest } : null;
}

/**
 * Registry and repository of a name without tag and digest. The first part is a registry only where
 * it has a dot or a port, is `localhost`, or has capital letters (which repositories can't).
 */
export function splitName(name: string): {
  readonly registry: string;
  readonly repository: string;
} {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const named = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const registry = named ? first.toLowerCase() : defaultRegistry;
  const repository = named ? name.slice(slash + 1) : name;
  if (registry !== defaultRegistry && registry !== defaultRegistryAlias) {
    return { registry, repository };
  }
  return {
    registry: defaultRegistry,
    repository: repository.includes('/') ? repository : `${defaultNamespace}/${repository}`,
  };
}

function isRegistry(registry: string): boolean {
  return /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])(?::[0-9]{1,5})?$/.test(
    registry,
  );
}

function isPathComponent(component: string): boolean {
  return /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/.test(component);
}

function isDigest(digest: string): boolean {
  return /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/.test(digest);
}
