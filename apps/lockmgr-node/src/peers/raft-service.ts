/** What the nodes ask of one another, served. */
import { create } from '@bufbuild/protobuf';
import { type ServedService, serve } from '@windlass/grpc';
import { LockCode } from '@windlass/lock-wire';
import {
  type FormRequest,
  FormResponseSchema,
  type JoinRequest,
  JoinResponseSchema,
  type ProbeRequest,
  type ProbeResponse,
  ProbeResponseSchema,
  RaftService,
} from '@windlass/proto/lock/internal/v1/raft';
import type { Log } from '@windlass/telemetry';
import type { AccessRules } from '../clients/access.ts';
import type { CallContext, LockCalls } from '../clients/lock-calls.ts';
import { unexpected } from '../clients/lock-messages.ts';
import { toGrpcError } from '../clients/service-error.ts';
import { LockFailure } from '../node/lock-failure.ts';
import { serveExchange } from './exchange.ts';
import type { Membership } from './membership.ts';
import { receiveSnapshot } from './snapshot-transfer.ts';

export type RaftServiceParts = {
  readonly membership: Membership;
  readonly calls: LockCalls;
  readonly access: AccessRules;
  readonly log: Log;
  readonly machineVersionMax: number;
  /** Makes this node a member; false if it is one already, or isn't among the members. */
  readonly form: (request: FormRequest) => Promise<boolean>;
};

export function raftService(parts: RaftServiceParts): ServedService {
  const { access, calls, form, log, membership } = parts;
  return serve(
    RaftService,
    {
      exchange: (stream) => {
        access.requirePeer(stream);
        return serveExchange(membership, calls, stream);
      },
      installSnapshot: (stream) => {
        access.requirePeer(stream);
        return receiveSnapshot(membership, stream, log);
      },
      probe: (request, context) => {
        access.requirePeerIdentity(context.peer());
        return probe(parts, request);
      },
      form: async (request, context) => {
        access.requirePeerIdentity(context.peer());
        return create(FormResponseSchema, { accepted: await form(request) });
      },
      join: async (request, context) => {
        access.requirePeerIdentity(context.peer());
        try {
          await join(parts, request, context);
          return create(JoinResponseSchema);
        } catch (error) {
          throw toGrpcError(error);
        }
      },
    },
    { raw: ['exchange', 'installSnapshot'] },
  );
}

function probe(
  { machineVersionMax, membership }: RaftServiceParts,
  request: ProbeRequest,
): ProbeResponse {
  const { name, nodeId, running } = membership;
  const common = { memberId: BigInt(nodeId), name, machineVersionMax };
  if (running === null) return create(ProbeResponseSchema, common);
  const { configuration, leader, term } = running.node.replica.raft.status();
  const asker = Number(request.memberId);
  return create(ProbeResponseSchema, {
    ...common,
    clusterId: BigInt(running.clusterId),
    leaderId: BigInt(leader),
    leaderAddress: running.node.replica.leaderAddress,
    term: BigInt(term),
    listsAsker: configuration.members.some(({ id }) => id === asker),
  });
}

/** Only a node that takes the place of a member of its name joins by itself. */
async function join(
  { calls, log, membership }: RaftServiceParts,
  request: JoinRequest,
  context: CallContext,
): Promise<void> {
  const { clusterId, node } = calls.member();
  if (Number(request.clusterId) !== clusterId) {
    throw new LockFailure(LockCode.Invalid, `cluster_id: this is ${clusterId}`);
  }
  if (request.member === undefined) throw new LockFailure(LockCode.Invalid, 'member: is missing');
  const { address, name } = request.member;
  const id = Number(request.member.id);
  const { configuration } = node.replica.raft.status();
  if (configuration.members.some((member) => member.id === id)) return;
  if (!configuration.members.some((member) => member.name === name)) {
    const message = `name: ${name} is no member; an operator adds it first (AddMember)`;
    throw new LockFailure(LockCode.PermissionDenied, message);
  }
  if (id === membership.nodeId) return;
  log.info('member_rejoins', { name, address, id });
  const changes = [{ kind: 'add-learner', member: { id, name, address } }] as const;
  const answer = await calls.ask({ kind: 'change-members', changes }, context);
  if (answer.kind !== 'members') throw unexpected(answer);
}
