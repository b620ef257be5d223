/** What a node asks of another, each within its deadline. Failures are values: peers may be away. */
import { fail, ok, type Result } from '@windlass/base';
import { type GrpcClient, type GrpcClientOptions, GrpcError, grpcClient } from '@windlass/grpc';
import {
  type FormRequest,
  type FormResponse,
  type JoinRequest,
  type JoinResponse,
  type ProbeRequest,
  type ProbeResponse,
  RaftService,
} from '@windlass/proto/lock/internal/v1/raft';

type Answer<Response> = Promise<Result<Response, GrpcError>>;

export type PeerCalls = {
  readonly probe: (
    address: string,
    request: ProbeRequest,
    deadlineMs: number,
  ) => Answer<ProbeResponse>;
  readonly form: (
    address: string,
    request: FormRequest,
    deadlineMs: number,
  ) => Answer<FormResponse>;
  readonly join: (
    address: string,
    request: JoinRequest,
    deadlineMs: number,
  ) => Answer<JoinResponse>;
  readonly close: () => void;
};

export function createPeerCalls(options: GrpcClientOptions): PeerCalls {
  const clients = new Map<string, GrpcClient<typeof RaftService.method>>();

  function callsOf(address: string) {
    let client = clients.get(address);
    if (client === undefined) {
      client = grpcClient(RaftService, address, options);
      clients.set(address, client);
    }
    return client.calls;
  }

  return {
    probe: (address, request, deadlineMs) =>
      settled(callsOf(address).probe(request, { deadlineMs })),
    form: (address, request, deadlineMs) => settled(callsOf(address).form(request, { deadlineMs })),
    join: (address, request, deadlineMs) => settled(callsOf(address).join(request, { deadlineMs })),
    close: () => {
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}

async function settled<Response>(call: Promise<Response>): Answer<Response> {
  try {
    return ok(await call);
  } catch (error) {
    if (error instanceof GrpcError) return fail(error);
    throw error;
  }
}
