/** What operators ask of a node: its view of the cluster, changes of the members, backups. */
import { create } from '@bufbuild/protobuf';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { peerOf, type ServedService, serve, type UnaryContext } from '@windlass/grpc';
import { pause } from '@windlass/lifecycle';
import { LockCode } from '@windlass/lock-wire';
import { ProbeRequestSchema } from '@windlass/proto/lock/internal/v1/raft';
import {
  type AddMemberRequest,
  type AddMemberResponse,
  AddMemberResponseSchema,
  type BackupRequest,
  type BackupResponse,
  BackupResponseSchema,
  ClusterService,
  type Member as MemberMessage,
  MemberRole,
  MemberSchema,
  type RemoveMemberRequest,
  type RemoveMemberResponse,
  RemoveMemberResponseSchema,
  type StatusResponse,
  StatusResponseSchema,
  type TransferLeadershipRequest,
  type TransferLeadershipResponse,
  TransferLeadershipResponseSchema,
} from '@windlass/proto/lock/v1/cluster';
import {
  type Configuration,
  type ConfigurationChange,
  ProposalRefusal,
  type RaftStatus,
} from '@windlass/raft';
import type { Log } from '@windlass/telemetry';
import type { AccessRules } from '../clients/access.ts';
import type { Forwarding } from '../clients/forwarding.ts';
import type { CallContext, LockCalls } from '../clients/lock-calls.ts';
import { integer, unexpected } from '../clients/lock-messages.ts';
import { toGrpcError } from '../clients/service-error.ts';
import { LockFailure } from '../node/lock-failure.ts';
import type { Membership } from '../peers/membership.ts';
import type { PeerCalls } from '../peers/peer-calls.ts';
import { sendBackup } from './backup.ts';

/** A node that is to be added runs, and answers at once. */
const probeDeadlineMs = 2_000;

/** Two rounds to a quorum, or a learner that is being promoted. */
const pendingChangeMsMax = 3_000;
const pendingChangeLookMs = 20;

export type ClusterServiceParts = {
  readonly access: AccessRules;
  readonly calls: LockCalls;
  readonly forwarding: Forwarding;
  readonly membership: Membership;
  readonly peerCalls: PeerCalls;
  readonly log: Log;
  readonly region: string;
  readonly buildVersion: string;
};

export function clusterService(parts: ClusterServiceParts): ServedService {
  const { access, forwarding, log } = parts;
  const { method } = ClusterService;
  const operator = (context: UnaryContext) =>
    access.requireOperator(context.metadata, context.peer());
  return serve(ClusterService, {
    status: () => statusOf(parts),
    addMember: forwarding.unary(method.addMember, async (request, context) => {
      log.info('member_add_requested', { actor: operator(context), name: request.name });
      return addMember(parts, request, context);
    }),
    removeMember: forwarding.unary(method.removeMember, async (request, context) => {
      log.info('member_remove_requested', { actor: operator(context), name: request.name });
      return removeMember(parts, request, context);
    }),
    transferLeadership: forwarding.unary(method.transferLeadership, async (request, context) => {
      log.info('transfer_requested', { actor: operator(context) });
      return transferLeadership(parts, request, context);
    }),
    backup: (stream: ServerWritableStream<BackupRequest, BackupResponse>) => {
      try {
        const actor = access.requireOperator(stream.metadata, peerOf(stream));
        log.info('backup_requested', { actor });
        return sendBackup(parts.calls, stream, (chunk) => create(BackupResponseSchema, { chunk }));
      } catch (error) {
        throw toGrpcError(error);
      }
    },
  });
}

function statusOf({ buildVersion, membership, region }: ClusterServiceParts): StatusResponse {
  const { name, nodeId, running } = membership;
  const common = { memberId: BigInt(nodeId), name, region, buildVersion };
  if (running === null) return create(StatusResponseSchema, { ...common, role: 'forming' });
  const { replica } = running.node;
  const status = replica.raft.status();
  const counts = replica.machine.counts();
  const isLearner = status.configuration.learners.includes(nodeId);
  return create(StatusResponseSchema, {
    ...common,
    clusterId: BigInt(running.clusterId),
    role: isLearner ? 'learner' : status.role,
    term: BigInt(status.term),
    leaderId: BigInt(status.leader),
    leaderAddress: replica.leaderAddress,
    commitIndex: BigInt(status.commit),
    appliedIndex: BigInt(replica.machine.appliedIndex),
    lastIndex: BigInt(status.lastIndex),
    snapshotIndex: BigInt(running.wal.stats().snapshotIndex),
    members: membersOf(status.configuration, status.progress),
    machineVersion: counts.version,
    sessionCount: BigInt(counts.sessions),
    lockCount: BigInt(counts.locks),
    waiterCount: BigInt(counts.waiters),
  });
}

function membersOf(
  configuration: Configuration,
  progress: RaftStatus['progress'] = [],
): MemberMessage[] {
  return configuration.members.map(({ address, id, name }) =>
    create(MemberSchema, {
      id: BigInt(id),
      name,
      address,
      role: configuration.learners.includes(id) ? MemberRole.LEARNER : MemberRole.VOTER,
      matchIndex: BigInt(progress.find((view) => view.id === id)?.match ?? 0),
    }),
  );
}

async function addMember(
  { calls, peerCalls }: ClusterServiceParts,
  request: AddMemberRequest,
  context: CallContext,
): Promise<AddMemberResponse> {
  const { address, name } = request;
  if (name === '') throw new LockFailure(LockCode.Invalid, 'name: is missing');
  if (!/^.+:\d{1,5}$/.test(address)) {
    throw new LockFailure(LockCode.Invalid, 'address: must be host:port');
  }
  const probed = await peerCalls.probe(address, create(ProbeRequestSchema), probeDeadlineMs);
  if (!probed.ok) throw new LockFailure(LockCode.Invalid, `address: ${probed.error.message}`);
  if (probed.value.clusterId !== 0n || probed.value.name !== name) {
    const message = `address: ${probed.value.name} answers there, and must be ${name} and empty`;
    throw new LockFailure(LockCode.Invalid, message);
  }
  const member = { id: Number(probed.value.memberId), name, address };
  const configuration = await change(calls, [{ kind: 'add-learner', member }], context);
  const added = membersOf(configuration).find(({ id }) => Number(id) === member.id);
  return create(AddMemberResponseSchema, added === undefined ? {} : { member: added });
}

async function removeMember(
  { calls }: ClusterServiceParts,
  request: RemoveMemberRequest,
  context: CallContext,
): Promise<RemoveMemberResponse> {
  const { members } = calls.member().node.replica.raft.status().configuration;
  const wanted = integer('id', request.id);
  const member = members.find(({ id, name }) =>
    wanted === 0 ? name === request.name : id === wanted,
  );
  if (member === undefined) throw new LockFailure(LockCode.NotFound, 'id, name: no such member');
  const configuration = await change(calls, [{ kind: 'remove', id: member.id }], context);
  return create(RemoveMemberResponseSchema, { members: membersOf(configuration) });
}

async function transferLeadership(
  { calls }: ClusterServiceParts,
  request: TransferLeadershipRequest,
  context: CallContext,
): Promise<TransferLeadershipResponse> {
  const to = integer('id', request.id);
  const answer = await calls.ask({ kind: 'transfer', to }, context);
  if (answer.kind !== 'transferring') throw unexpected(answer);
  // Settled within an election timeout, or the leadership stays here.
  const leader = await calls.successor(context);
  return create(TransferLeadershipResponseSchema, { leaderId: BigInt(leader) });
}

/** A change that is under way (one that the cluster makes by itself, too) is waited for. */
async function change(
  calls: LockCalls,
  changes: readonly ConfigurationChange[],
  context: CallContext,
): Promise<Configuration> {
  const request = { kind: 'change-members', changes } as const;
  const untilMs = performance.now() + pendingChangeMsMax;
  for (;;) {
    try {
      const answer = await calls.ask(request, context);
      if (answer.kind !== 'members') throw unexpected(answer);
      return answer.configuration;
    } catch (error) {
      const isPending =
        error instanceof LockFailure && error.message === ProposalRefusal.ConfigurationPending;
      if (!isPending || performance.now() > untilMs) throw error;
    }
    await pause(pendingChangeLookMs, context.signal);
  }
}
