/**
 * ETags of requests and deployments (RFC 9110, sections 8.8.3 and 13.1).
 *
 * A request's tag is its version: `"7"`. A deployment's is the version of the request that owns it and
 * the resource version last seen in the cluster: `"7.81234"`, so that it changes with either. If-Match
 * compares only the first part: it guards against changes of the intent by others, while the
 * cluster's side of a rolling deployment changes many times a second.
 */

/** Versions are counters; 15 digits stay exact in a JavaScript number. */
const tagPattern = /^"(\d{1,15})(?:\.\d{1,20})?"$/;
const tagListPattern = /^\s*(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*\s*$/;

export type IfMatch =
  /** No header, or `*`: whatever is there. */
  | { readonly kind: 'any' }
  /** At least one of these versions; empty where no tag could be one of ours (never matches). */
  | { readonly kind: 'versions'; readonly versions: readonly number[] }
  | { readonly kind: 'malformed' };

export function requestTag(version: number): string {
  return `"${version}"`;
}

export function deploymentTag(requestVersion: number, resourceVersion: string): string {
  return `"${requestVersion}.${resourceVersion}"`;
}

/** Reads If-Match by the strong comparison: a weak tag matches nothing. */
export function parseIfMatch(header: string | undefined): IfMatch {
  if (header === undefined || header.trim() === '*') return { kind: 'any' };
  if (!tagListPattern.test(header)) return { kind: 'malformed' };
  const versions = splitTags(header).flatMap((tag) => {
    const version = tagPattern.exec(tag)?.[1];
    return version === undefined ? [] : [Number(version)];
  });
  return { kind: 'versions', versions };
}

/** True when If-None-Match (weak comparison) names the tag, so that 304 is the answer. */
export function matchesNone(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return splitTags(header).some((candidate) => candidate.replace(/^W\//, '') === tag);
}

function splitTags(header: string): readonly string[] {
  return header.split(',').map((tag) => tag.trim());
}
