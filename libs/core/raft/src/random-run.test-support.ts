/**
 * One run of a small cluster from one seed: messages are lost, doubled and reordered, writes end
 * late or never, nodes crash, members come and go, leadership is handed over, logs are compacted.
 */
import { type Random, seededRandom } from '@windlass/base';
import {
  type ConfigurationChange,
  decodeMessage,
  EntryKind,
  encodeMessage,
  type Message,
  type NodeId,
  type RaftBugs,
  RaftRole,
} from './index.ts';
import { configurationOf, TestNode } from './node.test-support.ts';
import { SafetyChecker } from './safety.test-support.ts';

/** Beyond it the oldest are lost: a network doesn't keep everything. */
const messagesMax = 200;

/** Some twenty elections: without faults the first or second succeeds. */
const settleRoundsMax = 200;

export type RunFigures = { committed: number; terms: number; elections: number; reads: number };

export class RandomRun {
  readonly nodes: TestNode[];
  readonly checker = new SafetyChecker();
  readonly #random: Random;
  readonly #network: Message[] = [];
  /** Nobody hears them, and they hear nobody. */
  readonly #cut = new Set<NodeId>();
  readonly #throughWire: boolean;
  #loss: number;
  #proposals = 0;
  #elections = 0;
  #reads = 0;

  constructor(seed: number, bugs: RaftBugs = {}) {
    this.#random = seededRandom(seed);
    this.#throughWire = seed % 8 === 0;
    this.#loss = this.#random.pick([0, 0.01, 0.05, 0.2]);
    const voters = [1, 2, 3, 4, 5].slice(0, this.#random.pick([3, 3, 4, 5]));
    const ids = [1, 2, 3, 4, 5, 6].slice(0, voters.length + 1);
    this.nodes = ids.map((id) => {
      const random = seededRandom(`${seed}/${id}`);
      const settings = {
        id,
        electionTicks: 6,
        heartbeatTicks: 2,
        appendBytesMax: this.#random.pick([40, 200]),
        inflightMessagesMax: this.#random.pick([1, 2, 8]),
        inflightBytesMax: 300,
        uncommittedBytesMax: 2000,
        random,
      };
      return new TestNode(settings, voters.includes(id) ? configurationOf(voters) : null, bugs);
    });
    for (const node of this.nodes) node.start();
  }

  /** @throws Error where something doesn't hold */
  run(steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      this.#act();
      if (step % 250 === 249) this.checker.checkLogs(this.nodes);
    }
    this.checker.checkLogs(this.nodes);
  }

  /** Without faults a new proposal is applied, and every member comes to the leader's log. */
  settle(): RunFigures {
    for (const node of this.nodes) if (node.raft === null) node.start();
    this.#loss = 0;
    this.#cut.clear();
    const before = this.checker.commitMax;
    for (let round = 0; round < settleRoundsMax; round += 1) {
      for (const node of this.nodes) node.running.tick();
      this.#quiet();
      // A transport gives up on a snapshot that got lost.
      if (round % 25 === 0) for (const node of this.nodes) reportSnapshots(node);
      const leader = this.nodes.find((node) => this.#leads(node));
      if (leader === undefined) continue;
      if (this.checker.commitMax <= before) this.#propose(leader);
      else if (this.#isSettled(leader)) {
        this.checker.checkLogs(this.nodes);
        return this.#figures();
      }
    }
    throw new Error('liveness: the cluster comes to no end');
  }

  #isSettled(leader: TestNode): boolean {
    const { progress, commit, lastIndex } = leader.running.status();
    return (
      commit === lastIndex &&
      progress.every(({ id, match }) => {
        const member = this.nodes[id - 1];
        return match === lastIndex && member?.appliedIndex === commit;
      })
    );
  }

  #figures(): RunFigures {
    const terms = Math.max(...this.nodes.map((node) => node.running.status().term));
    const committed = this.checker.commitMax;
    return { committed, terms, elections: this.#elections, reads: this.#reads };
  }

  #act(): void {
    const random = this.#random;
    const leader = this.nodes.find((each) => this.#leads(each));
    const node = leader !== undefined && random.chance(0.3) ? leader : random.pick(this.nodes);
    if (node.raft === null) {
      if (random.chance(0.3)) node.start();
      return;
    }
    const dice = random.next();
    if (dice < 0.5) this.#deliver();
    else if (dice < 0.62) this.#tick(node);
    else if (dice < 0.78) this.#work(node);
    else if (dice < 0.92) node.finishWrite();
    else if (dice < 0.975) this.#propose(node);
    else this.#rareEvent(node);
    this.checker.observe(node);
    if (random.chance(0.5)) this.#work(node);
  }

  /** Sometimes a clock runs ahead, so that candidates meet. */
  #tick(node: TestNode): void {
    const ticks = this.#random.chance(0.05) ? 12 : 1;
    for (let count = 0; count < ticks; count += 1) node.running.tick();
  }

  #rareEvent(node: TestNode): void {
    const random = this.#random;
    switch (random.integer(0, 13)) {
      case 0:
      case 1:
        // The running write may have reached the disk all the same.
        if (node.writing !== null && random.chance(0.5)) node.disk.write(node.writing);
        node.crash();
        this.checker.crashed(node);
        return;
      case 10:
        if (!this.#cut.delete(node.id)) this.#cut.add(node.id);
        return;
      case 11:
      case 12:
      case 13:
        this.#cut.clear();
        return;
      case 2:
        node.running.transferLeadership(random.integer(0, this.nodes.length));
        return;
      case 3:
        node.takeSnapshot(random.integer(0, 5));
        return;
      case 4:
      case 5:
        node.running.proposeConfiguration(this.#changes(node));
        return;
      case 6:
        node.running.reportUnreachable(random.integer(1, this.nodes.length));
        return;
      case 7:
        node.running.reportSnapshot(random.integer(1, this.nodes.length), random.chance(0.5));
        return;
      default: {
        const asked = node.running.readIndex();
        if (asked.ok) this.checker.readAsked(node, asked.value);
      }
    }
  }

  #changes(node: TestNode): readonly ConfigurationChange[] {
    const { configuration } = node.running.status();
    const random = this.#random;
    return Array.from({ length: random.integer(1, 3) }, (): ConfigurationChange => {
      const id: NodeId = random.integer(1, this.nodes.length);
      if (configuration.learners.includes(id)) return { kind: 'promote', id };
      if (configuration.voters.includes(id)) return { kind: 'remove', id };
      return { kind: 'add-learner', member: { id, name: `node-${id}`, address: '' } };
    });
  }

  #propose(node: TestNode): void {
    const items = Array.from({ length: this.#random.integer(1, 3) }, () => {
      this.#proposals += 1;
      return new TextEncoder().encode(`proposal ${this.#proposals}`);
    });
    node.running.propose(items);
  }

  #work(node: TestNode): void {
    if (node.raft?.hasReady() !== true) return;
    const ready = node.work();
    for (const message of ready.messages) this.#send(message);
    this.checker.applied(node, ready.committed);
    const first = ready.persist?.entries[0];
    if (first !== undefined && this.#leads(node) && first.kind === EntryKind.Empty) {
      this.#elections += 1;
      this.checker.elected(node);
    }
    for (const { readId, index } of ready.reads) {
      this.#reads += 1;
      this.checker.readAnswered(node, readId, index);
    }
    for (const readId of ready.readsLost) this.checker.readLost(node, readId);
  }

  #send(message: Message): void {
    const random = this.#random;
    if (random.chance(this.#loss) || this.#cut.has(message.from)) return;
    this.#network.push(message);
    if (random.chance(this.#loss / 2)) this.#network.push(message);
    if (this.#network.length > messagesMax) this.#network.shift();
  }

  #deliver(): void {
    // Mostly in order, sometimes not.
    for (let count = this.#random.integer(1, 3); count > 0; count -= 1) {
      if (this.#network.length === 0) return;
      const last = this.#network.length - 1;
      const position = this.#random.chance(0.8) ? 0 : this.#random.integer(0, last);
      const [message] = this.#network.splice(position, 1);
      if (message === undefined) continue;
      this.#handOver(message);
      const receiver = this.nodes[message.to - 1];
      if (receiver !== undefined && this.#random.chance(0.7)) this.#work(receiver);
      if (this.#random.chance(0.4)) receiver?.finishWrite();
    }
  }

  #handOver(message: Message): void {
    const receiver = this.nodes[message.to - 1];
    if (this.#cut.has(message.to)) return;
    if (receiver?.raft === null || receiver === undefined) return;
    if (this.#throughWire) {
      const decoded = decodeMessage(encodeMessage(message));
      if (!decoded.ok) throw new Error(decoded.error);
      receiver.step(decoded.value);
    } else {
      receiver.step(message);
    }
    this.checker.observe(receiver);
  }

  /** Everything that is due happens, and nothing is lost. */
  #quiet(): void {
    for (let round = 0; round < 60; round += 1) {
      let busy = false;
      for (const node of this.nodes) {
        node.finishWrite();
        while (node.running.hasReady()) {
          busy = true;
          this.#work(node);
          node.finishWrite();
        }
        this.checker.observe(node);
      }
      const messages = this.#network.splice(0);
      for (const message of messages) this.#handOver(message);
      if (!busy && messages.length === 0) return;
    }
  }

  #leads(node: TestNode): boolean {
    return node.raft !== null && node.raft.status().role === RaftRole.Leader;
  }
}

function reportSnapshots(node: TestNode): void {
  for (const { id, state } of node.running.status().progress) {
    if (state === 'snapshot') node.running.reportSnapshot(id, false);
  }
}
