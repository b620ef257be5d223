/** What the OpenAPI document says beside the routes. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';

export const openapiOptions: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Windlass',
      version: '1.0.0',
      description:
        'Asks for deployments, follows them, and operates them. Requests are accepted at once (202) and carried out by a worker; deployments are what the cluster shows.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [
      { name: 'requests', description: 'What users ask for.' },
      { name: 'deployments', description: 'What the cluster shows.' },
      { name: 'operations', description: 'Changes of what runs; each is a new revision.' },
      { name: 'events', description: 'What happens, as it happens.' },
      { name: 'dead letters', description: 'What was given up.' },
      { name: 'audit', description: 'Who did what.' },
      { name: 'health', description: 'Whether the server answers.' },
    ],
    components: {
      securitySchemes: {
        userHeader: {
          type: 'apiKey',
          in: 'header',
          name: 'X-User-ID',
          description: 'Header mode: set by a trusted proxy.',
        },
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'JWT mode.' },
      },
    },
    security: [{ userHeader: [] }, { bearer: [] }],
  },
  transformObject: withOptionalBodies,
  refResolver: {
    // Components are called as the schemas call themselves.
    buildLocalReference: (json, _baseUri, _fragment, index) =>
      typeof json.$id === 'string' ? json.$id : `schema-${index}`,
  },
};

type Body = {
  required?: boolean;
  readonly content: Readonly<Record<string, { readonly schema?: { readonly type?: unknown } }>>;
};

/** The plugin calls every body required; those whose schema allows null may be left out. */
function withOptionalBodies(document: { openapiObject?: object; swaggerObject?: object }): object {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the plugin's own output
  const { paths = {} } = document.openapiObject as {
    readonly paths?: Readonly<Record<string, Readonly<Record<string, { requestBody?: Body }>>>>;
  };
  for (const operations of Object.values(paths)) {
    for (const { requestBody } of Object.values(operations)) {
      if (requestBody === undefined) continue;
      const types = Object.values(requestBody.content).flatMap(({ schema }) => schema?.type ?? []);
      requestBody.required = !types.includes('null');
    }
  }
  return document.openapiObject ?? {};
}
