/** Swagger UI at /swagger/index.html, over /openapi.json. The page is ours, the rest the plugin's. */
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

const page = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Windlass API</title>
  <link rel="icon" type="image/png" href="static/favicon-32x32.png">
  <link rel="stylesheet" href="static/swagger-ui.css">
</head>
<body>
  <div id="swagger-ui"></div>
  <script src="static/swagger-ui-bundle.js"></script>
  <script src="start.js"></script>
</body>
</html>
`;

const startScript = `SwaggerUIBundle({
  url: '../openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
});
`;

/** Everything comes from here; the library sets styles and uses data: images itself. */
const contentSecurityPolicy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'";

export async function serveSwaggerUi(server: FastifyInstance): Promise<void> {
  await server.register(swaggerUi, { routePrefix: '/swagger' });
  const hidden = { schema: { hide: true } } as const;
  server.get('/swagger/index.html', hidden, (_request, reply) =>
    reply
      .header('content-security-policy', contentSecurityPolicy)
      .type('text/html; charset=utf-8')
      .send(page),
  );
  server.get('/swagger/start.js', hidden, (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(startScript),
  );
}
