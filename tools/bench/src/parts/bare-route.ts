/** The peer of `accept`, a process of its own: a Fastify route that inserts one row and answers 202. */
import { randomUUID } from 'node:crypto';
import { fastify } from 'fastify';
import { Pool } from 'pg';

const [databaseUrl = '', port = '0', poolMax = '10'] = process.argv.slice(2);
const pool = new Pool({ connectionString: databaseUrl, max: Number(poolMax) });
await pool.query(
  'CREATE TABLE IF NOT EXISTS bench_bare (id uuid PRIMARY KEY, user_id text, body jsonb)',
);
const server = fastify({ logger: false });
server.post('/create', async (request, reply) => {
  const id = randomUUID();
  await pool.query({
    name: 'bare',
    text: 'INSERT INTO bench_bare (id, user_id, body) VALUES ($1, $2, $3)',
    values: [id, request.headers['x-user-id'], JSON.stringify(request.body)],
  });
  return reply.code(202).send({ id });
});
await server.listen({ host: '127.0.0.1', port: Number(port) });
