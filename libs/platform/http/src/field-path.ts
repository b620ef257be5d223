/** Paths as callers read them: `spec.ports[0].name`, `labels["app.kubernetes.io/name"]`. */

/** Longer names come from somebody who tries things out; the answer needn't repeat them. */
const nameLengthMax = 128;

/** Path of a field or item within the thing at the parent's path, which may be empty. */
export function childPath(parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`;
  const name = key.length > nameLengthMax ? `${key.slice(0, nameLengthMax)}…` : key;
  const plain = /^[A-Za-z_$][\w$-]*$/.test(name);
  if (!plain) return `${parent}[${JSON.stringify(name.toWellFormed())}]`;
  return parent === '' ? name : `${parent}.${name}`;
}

/** Path from a JSON pointer (RFC 6901) such as `/spec/ports/0`, under a first part. */
export function pathOfPointer(pointer: string, root: string): string {
  let path = root;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    path = childPath(path, /^\d+$/.test(key) ? Number(key) : key);
  }
  return path;
}
