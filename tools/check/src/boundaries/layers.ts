/** The layers, each with those that it may import. Architecture: docs/architecture.md. */

export const Layer = {
  Base: 'base',
  Core: 'core',
  Proto: 'proto',
  Platform: 'platform',
  Adapter: 'adapter',
  Client: 'client',
  App: 'app',
  Testkit: 'testkit',
  Tool: 'tool',
} as const;
export type Layer = (typeof Layer)[keyof typeof Layer];

const libraries = [
  Layer.Base,
  Layer.Core,
  Layer.Proto,
  Layer.Platform,
  Layer.Adapter,
  Layer.Client,
] as const;

/** Adapters never import each other, apps neither; nothing that runs in production imports the test kit. */
export const allowedLayers: Readonly<Record<Layer, readonly Layer[]>> = {
  [Layer.Base]: [],
  [Layer.Core]: [Layer.Base, Layer.Core],
  [Layer.Proto]: [],
  [Layer.Platform]: [Layer.Base, Layer.Platform, Layer.Proto],
  [Layer.Adapter]: [Layer.Base, Layer.Core, Layer.Platform, Layer.Proto],
  [Layer.Client]: [Layer.Base, Layer.Core, Layer.Proto],
  [Layer.App]: libraries,
  [Layer.Testkit]: [...libraries, Layer.Tool],
  [Layer.Tool]: [...libraries, Layer.Testkit, Layer.Tool],
};

/**
 * What any project's tests may import beside its own layer's: the test kit, and the generated code,
 * which what is written by hand is compared with. Declared in devDependencies.
 */
export const allowedInTests: readonly Layer[] = [Layer.Testkit, Layer.Proto];

const tagPrefix = 'layer:';

/** The layer that a project's tags name; null unless it is exactly one that exists. */
export function layerOf(tags: readonly string[]): Layer | null {
  const named = tags.filter((tag) => tag.startsWith(tagPrefix));
  const layers = Object.values(Layer).filter((layer) => named.includes(`${tagPrefix}${layer}`));
  return named.length === 1 ? (layers[0] ?? null) : null;
}
