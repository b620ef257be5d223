/**
 * Patterns of the image allow-list. A pattern names a registry and repository as an image does
 * (`nginx` is `docker.io/library/nginx`), never a tag or digest. In it
 *
 * - `*` stands for any run of characters within one part between slashes;
 * - `**` as the last part stands for one or more parts;
 * - everything else stands for itself; the registry in any case of letters.
 *
 * | pattern | allows | doesn't allow |
 * |---|---|---|
 * | `nginx` | `nginx:1.27`, `docker.io/library/nginx@sha256:…` | `acme/nginx`, `ghcr.io/nginx` |
 * | `acme/*` | `acme/web:1`, `docker.io/acme/web` | `acme/tools/web`, `ghcr.io/acme/web` |
 * | `ghcr.io/acme/**` | `ghcr.io/acme/web`, `ghcr.io/acme/tools/web` | `ghcr.io/acme2/web` |
 * | `registry.example.com:5000/**` | everything there | `registry.example.com/web` |
 * | `*.pkg.dev/acme/**` | `europe-docker.pkg.dev/acme/web` | `pkg.dev/acme/web` |
 */
import { type ImageReference, splitName } from './image-reference.ts';
import { matchesWildcard } from './wildcard.ts';

/** What is wrong with a pattern, to be said where the configuration is read; null: nothing. */
export function imagePatternProblem(pattern: string): string | null {
  const parts = pattern.split('/');
  if (parts.some((part) => part === '')) return 'must have no empty part between slashes';
  if (pattern.includes('@')) return 'must not name a digest';
  if (parts.at(-1)?.includes(':') === true) {
    return 'must not name a tag (a registry with a port needs a path, such as /**)';
  }
  if (parts.slice(0, -1).some((part) => part.includes('**'))) {
    return 'may have ** only as its last part';
  }
  if (parts.at(-1)?.includes('**') === true && parts.at(-1) !== '**') {
    return 'must have ** as a part by itself';
  }
  if (!/^[A-Za-z0-9_.*:/[\]-]+$/.test(pattern)) return 'has a character that images never have';
  return parts.length === 1 && parts[0] === '**'
    ? 'must name a registry before ** (an empty list allows every image)'
    : null;
}

/** True where the pattern allows the image, whatever its tag or digest. */
export function matchesImage(pattern: string, image: ImageReference): boolean {
  const wanted = splitName(pattern);
  return (
    matchesWildcard(wanted.registry, image.registry) &&
    matchesPath(wanted.repository.split('/'), image.repository.split('/'))
  );
}

function matchesPath(wanted: readonly string[], parts: readonly string[]): boolean {
  const open = wanted.at(-1) === '**';
  const fixed = open ? wanted.slice(0, -1) : wanted;
  const longEnough = open ? parts.length > fixed.length : parts.length === fixed.length;
  return (
    longEnough && fixed.every((pattern, index) => matchesWildcard(pattern, parts[index] ?? ''))
  );
}
