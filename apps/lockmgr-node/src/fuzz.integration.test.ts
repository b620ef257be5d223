/** Every call of every service of a real node, with what no honest caller sends (seeded). */
import type { DescMethod } from '@bufbuild/protobuf';
import { Client, credentials, status } from '@grpc/grpc-js';
import { type Random, required, seededRandom } from '@windlass/base';
import { channelOptions } from '@windlass/grpc';
import { createLockClient } from '@windlass/lock-client';
import { RaftService } from '@windlass/proto/lock/internal/v1/raft';
import { LockService } from '@windlass/proto/lock/v1';
import { ClusterService } from '@windlass/proto/lock/v1/cluster';
import { describe, expect, it } from 'vitest';
import { callWith } from './testing/absurd-calls.ts';
import { AbsurdKind, absurdBytes, type KnownValues, noise } from './testing/absurd-messages.ts';
import { testCluster } from './testing/test-cluster.ts';

const seed = 3;
const roundsPerKind = 8;
const deadlineMs = 5_000;

/** Calls at a time: a node has others to serve. */
const inFlightMax = 20;

const methods: readonly DescMethod[] = [LockService, ClusterService, RaftService].flatMap(
  (service) => service.methods,
);
const { cleanUp, clientsOf, cluster } = testCluster();

/** UNKNOWN would be an error that nobody thought of. */
const proper: ReadonlySet<status> = new Set([
  status.OK,
  status.CANCELLED,
  status.INVALID_ARGUMENT,
  status.DEADLINE_EXCEEDED,
  status.NOT_FOUND,
  status.PERMISSION_DENIED,
  status.RESOURCE_EXHAUSTED,
  status.FAILED_PRECONDITION,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNIMPLEMENTED,
  status.UNAVAILABLE,
]);

describe('a node that gets malformed and absurd messages', () => {
  it('answers each with a proper status, lives on, and keeps its locks', async () => {
    const leader = await cluster().leader();
    const { pid } = leader.process();
    const holder = createLockClient({ addresses: cluster().addresses });
    cleanUp(holder.close);
    const held = await holder.acquire('kept');
    const { locks, operators } = clientsOf(leader.address);
    const { sessionId } = await locks.openSession({ ttlMs: 60_000 }, { deadlineMs });
    const { clusterId, memberId } = await operators.status({}, { deadlineMs });
    const known: KnownValues = {
      sessionId: [sessionId],
      key: ['absurd'],
      clusterId: [clusterId],
      to: [memberId],
    };
    const channel = new Client(leader.address, credentials.createInsecure(), {
      ...channelOptions(),
      'grpc.max_send_message_length': -1,
    });
    cleanUp(() => channel.close());

    const statuses = await fuzz(channel, known, seededRandom(seed));
    const improper = statuses.filter(({ code }) => !proper.has(code));
    expect(improper).toEqual([]);
    expect(statuses.length).toBeGreaterThan(methods.length * roundsPerKind);

    expect(leader.process().pid).toBe(pid);
    for (const node of cluster().nodes) expect(await node.isReady()).toBe(true);
    expect(await holder.validate('kept', held.token)).toMatchObject({ valid: true });
    expect(await held.release()).toEqual({ lost: false });
  });
});

type Answered = { readonly method: string; readonly kind: string; readonly code: status };

async function fuzz(channel: Client, known: KnownValues, random: Random) {
  const answers: Answered[] = [];
  const waiting = methods.flatMap((method) => workOf(method, known, random.child(method.name)));
  const worker = async () => {
    for (let work = waiting.pop(); work !== undefined; work = waiting.pop()) {
      const { kind, messages, method } = work;
      const code = await callWith(channel, method, messages);
      answers.push({ method: method.name, kind, code });
    }
  };
  await Promise.all(Array.from({ length: inFlightMax }, worker));
  return answers;
}

function workOf(method: DescMethod, known: KnownValues, random: Random) {
  const small = Object.values(AbsurdKind).flatMap((kind) =>
    Array.from({ length: roundsPerKind }, () => ({
      method,
      kind,
      messages: Array.from({ length: random.integer(1, 3) }, () =>
        absurdBytes(kind, method.input, known, random),
      ),
    })),
  );
  const length = required(channelOptions()['grpc.max_receive_message_length'], 'a limit') + 1;
  return [...small, { method, kind: 'huge', messages: [noise(length, random)] }];
}
