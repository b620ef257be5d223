/** Sends requests over keep-alive connections, with a fixed number of them under way. */
import { Agent, request } from 'node:http';

export type HttpCall = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type LoadOutcome = {
  readonly seconds: number;
  /** Of each answer, in milliseconds. */
  readonly latenciesMs: readonly number[];
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
};

/** An answer that takes longer is a failure of the benchmark. */
const answerDeadlineMs = 30_000;

/** @param callOf the call by its number, from 0 to count - 1 */
export async function httpLoad(
  baseUrl: string,
  count: number,
  inFlight: number,
  callOf: (index: number) => HttpCall,
): Promise<LoadOutcome> {
  const { hostname, port } = new URL(baseUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  const latenciesMs: number[] = [];
  const statuses: Record<string, number> = {};
  let next = 0;
  const startedMs = performance.now();
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const beganMs = performance.now();
      const status = await send(agent, hostname, port, callOf(index));
      latenciesMs.push(performance.now() - beganMs);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: inFlight }, worker));
  } finally {
    agent.destroy();
  }
  return { seconds: (performance.now() - startedMs) / 1_000, latenciesMs, statuses };
}

function send(agent: Agent, hostname: string, port: string, call: HttpCall): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sent = request(
    {
      agent,
      hostname,
      port,
      method: call.method,
      path: call.path,
      headers: { ...call.headers, 'content-length': Buffer.byteLength(call.body) },
      timeout: answerDeadlineMs,
    },
    (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', reject);
    },
  );
  sent.on('error', reject);
  sent.on('timeout', () => sent.destroy(new Error(`no answer within ${answerDeadlineMs} ms`)));
  sent.end(call.body);
  return promise;
}
