/**
 * What one process of the lock manager consists of beside its gRPC server, and how it becomes a
 * member: forms a cluster, takes part in one, or comes back.
 *
 * Next: node-loop.ts, lock-node.ts.
 */
import { create } from '@bufbuild/protobuf';
import { assert, systemClock } from '@windlass/base';
import { channelOptions, clientCredentials, defaultGrpcLimits } from '@windlass/grpc';
import type { LockReplica, ReplicaNotice } from '@windlass/lock-replica';
import { type FormRequest, ProbeRequestSchema } from '@windlass/proto/lock/internal/v1/raft';
import type { Wal, WalStart } from '@windlass/wal';
import type { LockmgrDeps } from '../app.ts';
import { createAccessRules } from '../clients/access.ts';
import type { EventHistory } from '../clients/event-history.ts';
import { createForwarding } from '../clients/forwarding.ts';
import { LockCalls } from '../clients/lock-calls.ts';
import { createRequestChecks } from '../clients/request-checks.ts';
import { clientTlsOf, peersOf } from '../config.ts';
import { firstState, imageOf } from '../formation/first-state.ts';
import { configurationOf } from '../formation/formation.ts';
import { introduce } from '../formation/introduction.ts';
import type { Membership, RunningMember } from '../peers/membership.ts';
import { createPeerCalls } from '../peers/peer-calls.ts';
import { createPeers, type Peers } from '../peers/peers.ts';
import { sendSnapshot } from '../peers/snapshot-transfer.ts';
import { randomId } from './ids.ts';
import { Images } from './images.ts';
import { LockNode } from './lock-node.ts';
import type { NodeMeters } from './meters.ts';
import { startNodeLoop } from './node-loop.ts';
import { logNotice } from './notices.ts';
import { createSnapshots } from './snapshots.ts';
import { persistBatch, replicaFrom, replicaSettings, tickMs } from './start-member.ts';

/** Beyond a hand-over, which takes some heartbeats, nothing is worth waiting for. */
const handOverDeadlineMs = 1_000;

/** Versions change when a node is started anew, which takes longer. */
const versionsIntervalMs = 5_000;

/** A peer that comes back must be heard within an election timeout. */
const peerReconnectMs = 20;

export class NodeProcess {
  readonly access;
  readonly calls: LockCalls;
  readonly checks;
  readonly forwarding;
  readonly peerCalls;
  readonly #deps: LockmgrDeps;
  readonly #membership: Membership;
  readonly #wal: Wal;
  readonly #meters: NodeMeters;
  readonly #credentials;
  readonly #ends: (() => Promise<void> | void)[] = [];
  /** One change of what this node is at a time. */
  #becoming: Promise<unknown> = Promise.resolve();

  constructor(deps: LockmgrDeps, membership: Membership, wal: Wal, meters: NodeMeters) {
    const { metrics, settings } = deps;
    this.#deps = deps;
    this.#membership = membership;
    this.#wal = wal;
    this.#meters = meters;
    this.#credentials = clientCredentials(clientTlsOf(settings));
    this.access = createAccessRules(settings);
    this.calls = new LockCalls(membership);
    this.checks = createRequestChecks({
      ttlMinMs: settings.minTimeoutMs,
      ttlMaxMs: settings.maxTimeoutMs,
    });
    this.forwarding = createForwarding({ calls: this.calls, credentials: this.#credentials });
    this.peerCalls = createPeerCalls({ credentials: this.#credentials, metrics });
  }

  readonly closeConnections = (): void => {
    this.peerCalls.close();
    this.forwarding.close();
  };

  /** A cluster comes into being, with this node in it. */
  readonly form = (request: FormRequest): Promise<boolean> =>
    this.#exclusively(async () => {
      const clusterId = Number(request.clusterId);
      const { nodeId, running } = this.#membership;
      if (running !== null) return running.clusterId === clusterId;
      const configuration = configurationOf(request);
      if (!configuration.voters.includes(nodeId)) return false;
      const { description, hardState, machine } = firstState(
        configuration,
        Number(request.tokenFloor),
      );
      await this.#identify(clusterId);
      await this.#wal.receiveSnapshot(description, imageOf(machine));
      await this.#wal.installSnapshot({ snapshot: description, hardState, entries: [] });
      await this.#start(clusterId, { hardState, snapshot: description, entries: [] });
      this.#deps.log.info('cluster_formed', { clusterId, members: configuration.members.length });
      return true;
    });

  /** A cluster is there already: this node hears everything from its leader. */
  readonly takePart = (clusterId: number): Promise<void> =>
    this.#exclusively(async () => {
      if (this.#membership.running !== null) return;
      await this.#identify(clusterId);
      await this.#start(clusterId, emptyStart);
      this.#deps.log.info('cluster_joined', { clusterId });
    });

  /** A member comes back. */
  run(clusterId: number, start: WalStart): Promise<void> {
    return this.#exclusively(() => this.#start(clusterId, start));
  }

  /** Log, metrics, watches and links follow what the replica does. */
  follow({ node, peers }: RunningMember, history: EventHistory): void {
    history.reset(node.replica.machine.appliedIndex);
    node.onEvents((events) => history.add(events));
    node.onNotice((notice: ReplicaNotice) => {
      logNotice(this.#deps.log, notice);
      if (notice.kind === 'state-received') history.reset(notice.index);
      if (notice.kind === 'configuration-changed') peers.follow(notice.configuration.members);
    });
  }

  /** The leadership goes to another node before this one ends: the next grant waits for nobody. */
  readonly handOver = async (): Promise<void> => {
    const running = this.#membership.running;
    if (running === null || !running.node.replica.isServing) return;
    if (!running.node.replica.handOver()) return;
    running.node.wake();
    const untilMs = performance.now() + handOverDeadlineMs;
    while (running.node.replica.isServing && performance.now() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, tickMs));
    }
  };

  /** Ends what #start has begun, once no client is served any more. */
  readonly stop = async (): Promise<void> => {
    await this.#becoming;
    for (const end of this.#ends.splice(0).toReversed()) await end();
  };

  #exclusively<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#becoming.then(work);
    this.#becoming = done.catch(() => undefined);
    return done;
  }

  async #identify(clusterId: number): Promise<void> {
    const { name, nodeId } = this.#membership;
    const attributes = { region: this.#deps.settings.regionId };
    await this.#wal.setIdentity({ clusterId, nodeId, name, attributes });
  }

  async #start(clusterId: number, start: WalStart): Promise<void> {
    const { log, scope, settings } = this.#deps;
    const { nodeId } = this.#membership;
    const wal = this.#wal;
    const replica = await replicaFrom(replicaSettings(settings, nodeId, randomId), wal, start);
    const node = new LockNode(replica);
    const images = new Images(replica);
    const snapshots = createSnapshots({ replica, images, store: wal, log, fail: scope.fail });
    const peers: Peers = createPeers({
      selfId: nodeId,
      clusterId,
      credentials: this.#credentials,
      channelOptions: {
        ...channelOptions(defaultGrpcLimits),
        'grpc.initial_reconnect_backoff_ms': peerReconnectMs,
        'grpc.max_reconnect_backoff_ms': 10 * peerReconnectMs,
      },
      log,
      onUnreachable: (id) => {
        replica.unreachable(id);
        node.wake();
      },
      sendSnapshot: (link, message) => {
        const snapshot = wal.openSnapshot();
        assert(snapshot !== null, 'what Raft wants to send is on disk');
        const bring = async () => {
          const arrived = await sendSnapshot(link, clusterId, message, snapshot, log);
          replica.snapshotSent(message.to, arrived);
          node.wake();
        };
        void bring();
      },
    });
    const loop = startNodeLoop({
      replica,
      clock: systemClock,
      tickMs,
      send: peers.send,
      persist: (batch) => persistBatch(wal, batch),
      written: snapshots.grown,
      handOut: (output) => node.handOut(output),
      fail: scope.fail,
    });
    node.attach(loop);
    this.#meters.follow(replica, wal);
    this.#ends.push(peers.close, loop.stop, snapshots.stop);
    const { configuration } = replica.raft.status();
    peers.follow(configuration.members);
    this.#learnVersions(replica);
    if (configuration.members.length === 0) this.#introduce(clusterId, replica, peers);
    this.#membership.run({ clusterId, node, images, peers, wal });
  }

  /** A leader switches a new behaviour on once all members can run it (invariant 11). */
  #learnVersions(replica: LockReplica): void {
    const { name, nodeId } = this.#membership;
    const request = create(ProbeRequestSchema, { name, memberId: BigInt(nodeId) });
    const ask = async () => {
      if (!replica.isServing) return;
      const { members } = replica.raft.status().configuration;
      for (const { address, id } of members) {
        if (id === nodeId) continue;
        const probed = await this.peerCalls.probe(address, request, versionsIntervalMs);
        if (probed.ok && Number(probed.value.memberId) === id) {
          replica.peerVersion(id, probed.value.machineVersionMax);
        }
      }
    };
    const timer = setInterval(() => void ask(), versionsIntervalMs);
    this.#ends.push(() => clearInterval(timer));
  }

  /** Its leader's address isn't in its log yet. */
  #introduce(clusterId: number, replica: LockReplica, peers: Peers): void {
    const { scope, settings } = this.#deps;
    const { name, nodeId: id } = this.#membership;
    const introduced = introduce({
      self: { id, name },
      clusterId,
      others: peersOf(settings.peers).filter((peer) => peer.name !== name),
      calls: this.peerCalls,
      signal: scope.signal,
      isKnown: () => replica.raft.status().configuration.members.length > 0,
      follow: peers.follow,
    }).catch(scope.fail);
    this.#ends.push(() => introduced);
  }
}

const emptyStart: WalStart = {
  hardState: { term: 0, votedFor: 0, commit: 0 },
  snapshot: null,
  entries: [],
};
