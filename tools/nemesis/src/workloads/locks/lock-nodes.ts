/**
 * Unary calls that are repeated at one node after the other until they are answered. Repeated with
 * the same session and sequence, an operation is done once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@windlass/base';
import {
  type CallOptions,
  clientCredentials,
  type GrpcClient,
  GrpcError,
  grpcClient,
} from '@windlass/grpc';
import { LockCode, LockErrorSchema, LockService } from '@windlass/proto/lock/v1';
import { ClusterService, type StatusResponse } from '@windlass/proto/lock/v1/cluster';
import type { Metrics } from '@windlass/telemetry';

type MethodsOf<Service> = Service extends { readonly method: infer Methods } ? Methods : never;
type LockNode = ReturnType<typeof lockNode>;
export type LockCalls = LockNode['calls'];

export type LockCall<Value> = (calls: LockCalls, options: CallOptions) => Promise<Value>;

export type LockAnswer<Value> =
  /** `sentMs`: when the try that was answered began (performance.now()). */
  | { readonly kind: 'answered'; readonly value: Value; readonly sentMs: number }
  | { readonly kind: 'refused'; readonly code: LockCode; readonly message: string }
  /** An error that says nothing of locks: a bug. */
  | { readonly kind: 'broken'; readonly message: string }
  | { readonly kind: 'silent' };

export type AskOptions = {
  /** For one try. */
  readonly tryMs: number;
  /** Of performance.now(); the last try begins before it. */
  readonly untilMs: number;
  readonly random: Random;
};

export type LockNodes = {
  readonly ask: <Value>(call: LockCall<Value>, options: AskOptions) => Promise<LockAnswer<Value>>;
  /** What each node says of itself, by address; null where it says nothing. */
  readonly statuses: () => Promise<ReadonlyMap<string, StatusResponse | null>>;
  /** The longest time until an answer, tries included. */
  readonly slowestMs: () => number;
  readonly close: () => void;
};

const statusDeadlineMs = 1_000;
/** Between two tries: a cluster without a leader has a new one after some of them. */
const pauseMs = { min: 20, max: 150 };

/** grpc status codes of a node that is away, or was asked to end. */
const passing: ReadonlySet<string> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED']);

export function lockNodes(addresses: readonly string[], metrics: Metrics): LockNodes {
  const nodes = addresses.map((address) => ({
    address,
    locks: lockNode(address, metrics),
    cluster: grpcClient(ClusterService, address, options(metrics)),
  }));
  let slowestMs = 0;

  async function ask<Value>(
    call: LockCall<Value>,
    { tryMs, untilMs, random }: AskOptions,
  ): Promise<LockAnswer<Value>> {
    const startedMs = performance.now();
    let at = random.integer(0, nodes.length - 1);
    for (let sentMs = startedMs; sentMs < untilMs; sentMs = performance.now()) {
      const node = nodes[at % nodes.length];
      if (node === undefined) break;
      try {
        const value = await call(node.locks.calls, { deadlineMs: tryMs });
        slowestMs = Math.max(slowestMs, performance.now() - startedMs);
        return { kind: 'answered', value, sentMs };
      } catch (error) {
        const failure = failureOf(error);
        if (failure !== null) return failure;
      }
      at += 1;
      await sleep(random.integer(pauseMs.min, pauseMs.max));
    }
    return { kind: 'silent' };
  }

  return {
    ask,
    statuses: async () => {
      const asked = nodes.map(async ({ address, cluster }) => {
        const answer = cluster.calls.status({}, { deadlineMs: statusDeadlineMs });
        return [address, await answer.catch(() => null)] as const;
      });
      return new Map(await Promise.all(asked));
    },
    slowestMs: () => slowestMs,
    close: () => {
      for (const { locks, cluster } of nodes) {
        locks.close();
        cluster.close();
      }
    },
  };
}

/** Null where the call is worth another try. */
function failureOf(error: unknown): Exclude<LockAnswer<never>, { kind: 'answered' }> | null {
  if (!(error instanceof GrpcError)) throw error;
  const detail = error.detail(LockErrorSchema);
  if (detail === null) {
    if (passing.has(error.codeName)) return null;
    return { kind: 'broken', message: `${error.codeName}: ${error.message}` };
  }
  const { code, message } = detail;
  const isPassing = code === LockCode.UNAVAILABLE || code === LockCode.NOT_LEADER;
  return isPassing ? null : { kind: 'refused', code, message };
}

function lockNode(address: string, metrics: Metrics): GrpcClient<MethodsOf<typeof LockService>> {
  return grpcClient(LockService, address, options(metrics));
}

function options(metrics: Metrics) {
  return { credentials: clientCredentials(null), metrics };
}
