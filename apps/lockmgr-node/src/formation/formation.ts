/**
 * How a node with an empty disk becomes a member: it asks the configured nodes who they are until
 * it can form a cluster with them, or finds one to take part in or to join. See decide.ts.
 */
import { create } from '@bufbuild/protobuf';
import { pause } from '@windlass/lifecycle';
import {
  ConfigurationSchema,
  type FormRequest,
  FormRequestSchema,
  JoinRequestSchema,
  ProbeRequestSchema,
} from '@windlass/proto/lock/internal/v1/raft';
import type { Configuration } from '@windlass/raft';
import type { Log } from '@windlass/telemetry';
import type { PeerAddress } from '../config.ts';
import type { PeerCalls } from '../peers/peer-calls.ts';
import { decideFormation, type FormationStep, type ProbedNode } from './decide.ts';
import { tokenFloorAt } from './first-state.ts';

/** Between two looks at the others. */
const roundMs = 200;

/** A node that is there answers at once. */
const answerDeadlineMs = 1_000;

/** A new learner is in the log once a quorum has it. */
const joinDeadlineMs = 5_000;

/** How often a node that waits says for what. */
const sayEveryRounds = 25;

export type FormationParts = {
  readonly self: PeerAddress & { readonly id: number };
  /** All configured nodes but this one. */
  readonly others: readonly PeerAddress[];
  readonly calls: PeerCalls;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  readonly newClusterId: () => number;
  /** True once this node is a member, also by the hand of another node. */
  readonly isMember: () => boolean;
  /** Makes this node a member of a cluster that begins now; false if it was one already. */
  readonly form: (request: FormRequest) => Promise<boolean>;
  /** Makes this node a member of a cluster that it hears everything from. */
  readonly takePart: (clusterId: number) => Promise<void>;
};

/** Resolves once this node is a member, or the signal aborts. */
export async function becomeMember(parts: FormationParts): Promise<void> {
  const { isMember, log, signal } = parts;
  let proposal: FormRequest | null = null;
  for (let round = 0; !isMember() && !signal.aborted; round += 1) {
    const step = decideFormation(parts.self.name, await probeAll(parts));
    if (round % sayEveryRounds === 0) say(log, step);
    if (step.kind === 'form') {
      // Tried again, it must be the same cluster.
      proposal ??= proposalOf(parts, step.others);
      if (await formWith(parts, proposal)) return;
    } else if (step.kind === 'take-part') {
      await parts.takePart(step.clusterId);
      return;
    } else if (step.kind === 'join' && (await join(parts, step))) {
      await parts.takePart(step.clusterId);
      return;
    }
    await pause(roundMs, signal);
  }
}

async function probeAll({ calls, others, self }: FormationParts): Promise<readonly ProbedNode[]> {
  const request = create(ProbeRequestSchema, { name: self.name, memberId: BigInt(self.id) });
  return Promise.all(
    others.map(async ({ address, name }) => {
      const probed = await calls.probe(address, request, answerDeadlineMs);
      if (!probed.ok) return { name, address, answer: null };
      const { clusterId, leaderAddress, listsAsker, memberId } = probed.value;
      return {
        name,
        address,
        answer: {
          clusterId: Number(clusterId),
          memberId: Number(memberId),
          leaderAddress,
          listsUs: listsAsker,
        },
      };
    }),
  );
}

function proposalOf(
  parts: FormationParts,
  others: readonly { readonly id: number; readonly name: string; readonly address: string }[],
): FormRequest {
  const { newClusterId, nowMs, self } = parts;
  const members = [self, ...others].toSorted((left, right) => left.id - right.id);
  return create(FormRequestSchema, {
    clusterId: BigInt(newClusterId()),
    configuration: create(ConfigurationSchema, {
      voters: members.map(({ id }) => BigInt(id)),
      members: members.map(({ address, id, name }) => ({ id: BigInt(id), name, address })),
    }),
    tokenFloor: BigInt(tokenFloorAt(nowMs())),
  });
}

/** The others first: this node is a member only when all of them are. */
async function formWith(parts: FormationParts, proposal: FormRequest): Promise<boolean> {
  const { calls, log, others } = parts;
  for (const { address, name } of others) {
    const formed = await calls.form(address, proposal, answerDeadlineMs);
    if (formed.ok && formed.value.accepted) continue;
    log.warn('cluster_not_formed', { node: name, accepted: formed.ok });
    return false;
  }
  return parts.form(proposal);
}

async function join(
  { calls, log, self }: FormationParts,
  step: Extract<FormationStep, { kind: 'join' }>,
): Promise<boolean> {
  const { address, clusterId } = step;
  const joined = await calls.join(
    address,
    create(JoinRequestSchema, {
      clusterId: BigInt(clusterId),
      member: { id: BigInt(self.id), name: self.name, address: self.address },
    }),
    joinDeadlineMs,
  );
  if (!joined.ok) log.warn('cluster_not_joined', { address, error: joined.error });
  return joined.ok;
}

function say(log: Log, step: FormationStep): void {
  switch (step.kind) {
    case 'wait':
      log.info('cluster_awaited', { missing: step.missing });
      return;
    case 'form':
      log.info('cluster_forming', { nodes: step.others.length + 1 });
      return;
    case 'join':
      log.info('cluster_joining', { clusterId: step.clusterId, address: step.address });
      return;
    case 'take-part':
      log.info('cluster_found', { clusterId: step.clusterId });
      return;
    default:
      step satisfies never;
  }
}

/** A configuration as it travels in a FormRequest. */
export function configurationOf(request: FormRequest): Configuration {
  const { configuration } = request;
  return {
    voters: (configuration?.voters ?? []).map(Number),
    outgoing: [],
    learners: [],
    members: (configuration?.members ?? []).map(({ address, id, name }) => ({
      id: Number(id),
      name,
      address,
    })),
  };
}
