/** The OpenAPI document of the routes, made without anything that they would talk to. */
import { AssertionError } from '@windlass/base';
import { createHttpServer } from '@windlass/http';
import { createHealth } from '@windlass/lifecycle';
import { createLog, createMetrics } from '@windlass/telemetry';
import { type ApiServerOptions, addApi } from '../server.ts';

/** The parts of the document that are looked into. */
export type OpenapiOperation = {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: {
    readonly content: Readonly<
      Record<string, { readonly schema?: { readonly $ref?: string }; readonly example?: unknown }>
    >;
  };
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
};
export type OpenapiDocument = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenapiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly examples?: readonly unknown[] }>>;
  };
};

export async function openapiDocument(): Promise<OpenapiDocument> {
  const server = createHttpServer({
    app: 'api',
    log: createLog({ app: 'api', level: 'error', format: 'json' }),
    metrics: createMetrics('api'),
    health: createHealth(),
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whatever is read from it is handed on unused
  await addApi(server, unused('options') as ApiServerOptions);
  await server.ready();
  const document = JSON.stringify(server.swagger());
  await server.close();
  const parsed: OpenapiDocument = JSON.parse(document);
  return parsed;
}

/** Whatever is read from it may be handed on, and fails as soon as it is called. */
function unused(name: string): unknown {
  const refuse = () => {
    throw new AssertionError(`${name} is used while only the document is made`);
  };
  return new Proxy(refuse, {
    get: (_target, member) =>
      member === Symbol.toPrimitive ? () => 0 : unused(`${name}.${String(member)}`),
  });
}
