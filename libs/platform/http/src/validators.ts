/** Compiles the routes' schemas. Texts become numbers only where HTTP knows nothing but texts. */
import { assert } from '@windlass/base';
import { Ajv, type AnySchema, type Options, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { finiteOnly } from './finite-only.ts';

/** Schemas that an app shares among its routes, by their `$id`. */
export type SharedSchemas = Readonly<Record<string, AnySchema | AnySchema[]>>;

export type SchemaOptions = {
  /** Names beyond JSON Schema's that the schemas carry for their readers, such as `x-order`. */
  readonly keywords?: readonly string[];
  /** Formats beyond ajv-formats'. */
  readonly formats?: Readonly<Record<string, RegExp | ((text: string) => boolean)>>;
};

/** OpenAPI's own annotations: they say nothing about validity. */
const annotationKeywords = ['example', 'discriminator', 'xml', 'externalDocs'];

const commonOptions: Options = {
  // Bounded by the size of a body; callers learn everything at once.
  allErrors: true,
  removeAdditional: false,
  useDefaults: true,
  strict: true,
  // Not required of schemas: `anyOf: [{ required: ['a'] }, { required: ['b'] }]` is a good one.
  strictRequired: false,
  strictTypes: false,
  strictTuples: false,
};

/** A compiler of validators for Fastify, over the schemas that the app shared with addSchema. */
export function validatorsOver(
  sharedSchemas: SharedSchemas,
  options: SchemaOptions,
): (route: unknown) => ValidateFunction {
  const exact = newAjv(sharedSchemas, options, { coerceTypes: false });
  const coercing = newAjv(sharedSchemas, options, { coerceTypes: 'array' });
  return (route) => {
    // Fastify's types name another parameter than it passes: the schema and what it belongs to.
    assert(isRouteSchema(route), 'Fastify compiles the schema of a part of a request');
    if (route.httpPart === 'body') return exact.compile(route.schema);
    return finiteOnly(coercing.compile(route.schema));
  };
}

function isRouteSchema(
  route: unknown,
): route is { readonly schema: AnySchema; readonly httpPart?: string } {
  return typeof route === 'object' && route !== null && 'schema' in route;
}

function newAjv(
  sharedSchemas: SharedSchemas,
  { keywords = [], formats = {} }: SchemaOptions,
  options: Options,
): Ajv {
  const ajv = new Ajv({ ...commonOptions, ...options });
  addFormats.default(ajv);
  for (const keyword of [...annotationKeywords, ...keywords]) ajv.addKeyword(keyword);
  for (const [name, format] of Object.entries(formats)) ajv.addFormat(name, format);
  for (const schema of Object.values(sharedSchemas)) ajv.addSchema(schema);
  return ajv;
}
