/** Clients by unary calls, as a generated client of any language makes them, at the leader. */

import {
  create,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { asBuffer, pathOf } from '@windlass/grpc';
import { LockService } from '@windlass/proto/lock/v1';
import { ClusterService } from '@windlass/proto/lock/v1/cluster';
import { keyOf, type LoadSettings, type OpenedClients } from './types.ts';

const deadlineMs = 60_000;

export async function openUnaryClients(settings: LoadSettings): Promise<OpenedClients> {
  const leader = await leaderOf(settings.addresses[0] ?? '');
  const options = { 'grpc.use_local_subchannel_pool': 1 };
  const connections = Array.from(
    { length: settings.connections },
    () => new Client(leader, credentials.createInsecure(), options),
  );
  const { method } = LockService;
  const pairs = await Promise.all(
    Array.from({ length: settings.clients }, async (_, at) => {
      const client = connections[at % connections.length];
      if (client === undefined) throw new Error('there is no connection');
      const { sessionId } = await call(client, method.openSession, { ttlMs: 60_000 });
      const key = keyOf(settings, at);
      let token = 0n;
      return {
        lock: async () => {
          const acquire = { key, waitMs: 60_000 };
          const { grant } = await call(client, method.acquire, { sessionId, acquire });
          token = grant?.token ?? 0n;
        },
        unlock: async () => {
          await call(client, method.release, { sessionId, release: { key, token } });
        },
      };
    }),
  );
  return {
    pairs,
    close: () => {
      for (const client of connections) client.close();
      return Promise.resolve();
    },
  };
}

async function leaderOf(address: string): Promise<string> {
  const client = new Client(address, credentials.createInsecure());
  const { leaderAddress } = await call(client, ClusterService.method.status, {});
  client.close();
  return leaderAddress;
}

function call<Method extends DescMethodUnary>(
  client: Client,
  method: Method,
  request: MessageInitShape<Method['input']>,
) {
  return new Promise<ReturnType<typeof fromBinary<Method['output']>>>((resolve, reject) => {
    client.makeUnaryRequest(
      pathOf(method),
      (message: MessageInitShape<Method['input']>) =>
        asBuffer(toBinary(method.input, create(method.input, message))),
      (bytes: Buffer) => fromBinary<Method['output']>(method.output, bytes),
      request,
      new Metadata(),
      { deadline: Date.now() + deadlineMs },
      (error: ServiceError | null, answer) => {
        if (error === null && answer !== undefined) resolve(answer);
        else reject(error ?? new Error('no answer'));
      },
    );
  });
}
