/** Which methods a path takes: for 405, `Allow` and OPTIONS. */
import type { FastifyInstance } from 'fastify';

type PathMethods = { readonly path: RegExp; readonly methods: Set<string> };

/**
 * Follows the routes as they are registered.
 *
 * @returns a function that gives the methods of a path (without its query), sorted; empty where
 *   the path is unknown
 */
export function followRoutes(server: FastifyInstance): (path: string) => readonly string[] {
  const known = new Map<string, PathMethods>();
  server.addHook('onRoute', ({ url, method }) => {
    const entry = known.get(url) ?? { path: pathPattern(url), methods: new Set() };
    for (const each of Array.isArray(method) ? method : [method]) entry.methods.add(each);
    known.set(url, entry);
  });
  return (path) => {
    const methods = new Set<string>();
    for (const entry of known.values()) {
      if (entry.path.test(path)) for (const method of entry.methods) methods.add(method);
    }
    if (methods.size > 0) methods.add('OPTIONS');
    return [...methods].toSorted();
  };
}

/** `/a/:id/*` as a regular expression: a parameter is one segment, a star the rest. */
function pathPattern(url: string): RegExp {
  const pattern = url
    .split('/')
    .map((segment) =>
      segment.replaceAll(/::|:\w+(?:\([^)]*\))?\??|\*|[.+?^${}()|[\]\\]/g, (token) => {
        if (token === '::') return ':';
        if (token.startsWith(':')) return '[^/]+';
        return token === '*' ? '.*' : `\\${token}`;
      }),
    )
    .join('/');
  return new RegExp(`^${pattern}$`);
}
