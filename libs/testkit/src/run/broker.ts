/**
 * The servers of one test run, shared by its workers and started when the first of them asks.
 *
 * The broker lives in Vitest's main process and owns the servers. Workers ask it over HTTP on
 * loopback; the address holds a secret, since the answers do.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { assert } from '@windlass/base';
import { releaseFolder } from '../servers/keeper.ts';
import { startKubernetes } from '../servers/kubernetes/kubernetes.ts';
import { startNats } from '../servers/nats.ts';
import { startPostgres } from '../servers/postgres.ts';
import { temporaryFolder } from './folder.ts';
import type { BrokerAnswers, BrokerQuestion } from './questions.ts';
import { makeTemplate } from './template.ts';

/** Set: the run's folder, with the servers' data and logs, is kept and named. */
const keepVariable = 'WINDLASS_TEST_KEEP';

export type Broker = { readonly url: string; readonly close: () => Promise<void> };

type Stoppable = { readonly stop: () => Promise<void> };

export async function startBroker(): Promise<Broker> {
  const folder = temporaryFolder();
  const stopping = new AbortController();
  const starts: Promise<Stoppable>[] = [];
  const start = async <Server extends Stoppable>(
    name: string,
    launch: (options: ReturnType<typeof optionsOf>) => Promise<Server>,
  ): Promise<Server> => {
    const server = launch(optionsOf(folder.path, name, stopping.signal));
    starts.push(server);
    return server;
  };
  const answers = answersOf(start);
  const token = randomBytes(16).toString('hex');
  const server = createServer((request, response) => {
    const [, given, question = ''] = (request.url ?? '').split('/');
    const answer = given === token ? answers.get(question) : undefined;
    if (answer === undefined) return send(response, 404, 'not found');
    void reply(response, answer);
  });
  await new Promise<void>((resolve) => {
    server.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  return {
    url: `http://127.0.0.1:${portOf(server)}/${token}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      // A run that is over may have servers that are still starting: these end by themselves.
      stopping.abort(new Error('the test run is over'));
      const settled = await Promise.allSettled(starts);
      await Promise.all(
        settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value.stop()] : [])),
      );
      if (process.env[keepVariable] === undefined) return folder.remove();
      releaseFolder(folder.path);
      process.stderr.write(`servers' data and logs: ${folder.path}\n`);
    },
  };
}

/** Each thing is started once, by the first question, and a failed start stays failed. */
function answersOf(
  start: <Server extends Stoppable>(
    name: string,
    launch: (options: ReturnType<typeof optionsOf>) => Promise<Server>,
  ) => Promise<Server>,
): ReadonlyMap<string, () => Promise<unknown>> {
  const postgres = once(async () => ({ url: (await start('postgres', startPostgres)).url }));
  const answers: { [Question in BrokerQuestion]: () => Promise<BrokerAnswers[Question]> } = {
    postgres,
    template: once(async () => makeTemplate((await postgres()).url)),
    nats: once(async () => ({ url: (await start('nats', startNats)).url })),
    kubernetes: once(async () => {
      const { kubeconfigPath } = await start('kubernetes', startKubernetes);
      return { kubeconfigPath };
    }),
  };
  return new Map(Object.entries(answers));
}

async function reply(response: ServerResponse, answer: () => Promise<unknown>): Promise<void> {
  try {
    send(response, 200, JSON.stringify(await answer()));
  } catch (error) {
    send(response, 500, error instanceof Error ? error.message : String(error));
  }
}

function portOf(server: Server): number {
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'the broker listens on a port');
  return address.port;
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | null = null;
  return () => (made ??= make());
}

function optionsOf(folder: string, name: string, signal: AbortSignal) {
  return {
    dataDir: join(folder, name),
    port: 0,
    logFile: join(folder, 'logs', `${name}.log`),
    durable: false,
    signal,
  };
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}
