/**
 * A member that has just joined has no configuration yet: it hears its leader, and doesn't know
 * where to answer. Until it does, it asks the configured nodes who they are.
 */
import { create } from '@bufbuild/protobuf';
import { pause } from '@windlass/lifecycle';
import { ProbeRequestSchema } from '@windlass/proto/lock/internal/v1/raft';
import type { Member } from '@windlass/raft';
import type { PeerAddress } from '../config.ts';
import type { PeerCalls } from '../peers/peer-calls.ts';

/** Between two rounds: the configuration arrives within a few heartbeats of the first one. */
const roundMs = 200;

const answerDeadlineMs = 1_000;

export type IntroductionParts = {
  readonly self: { readonly id: number; readonly name: string };
  readonly clusterId: number;
  readonly others: readonly PeerAddress[];
  readonly calls: PeerCalls;
  readonly signal: AbortSignal;
  /** True once this node knows its members from the log. */
  readonly isKnown: () => boolean;
  /** Who answered so far, sorted by id. */
  readonly follow: (members: readonly Member[]) => void;
};

/** Resolves when the configuration is known, or the signal aborts. */
export async function introduce(parts: IntroductionParts): Promise<void> {
  const { calls, clusterId, follow, isKnown, others, self, signal } = parts;
  const request = create(ProbeRequestSchema, { name: self.name, memberId: BigInt(self.id) });
  const known = new Map<number, Member>();
  while (!isKnown() && !signal.aborted) {
    await Promise.all(
      others.map(async ({ address, name }) => {
        const probed = await calls.probe(address, request, answerDeadlineMs);
        if (!probed.ok || Number(probed.value.clusterId) !== clusterId) return;
        const id = Number(probed.value.memberId);
        known.set(id, { id, name, address });
      }),
    );
    if (isKnown()) return;
    follow([...known.values()].toSorted((left, right) => left.id - right.id));
    await pause(roundMs, signal);
  }
}
