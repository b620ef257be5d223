/**
 * The Raft engine alone: three to five nodes and one that comes and goes, proposals, reads,
 * membership changes, handovers, snapshots, and whatever the nemesis draws. In the end everything
 * is healed, and the cluster must make progress.
 */
import { type ConfigurationChange, RaftRole } from '@windlass/raft';
import type { Figures, Scenario, ScenarioOptions } from '../scenario.ts';
import { Nemesis } from '../world/nemesis.ts';
import { nodeFaults } from '../world/victims.ts';
import { mustHold, type World } from '../world/world.ts';
import { RaftChecker } from './raft-checker.ts';
import { RaftNode } from './raft-node.ts';

const membersMax = 6;
const logsCheckedEveryMs = 500;
/** Several elections' worth, with the slowest network. */
const settleMs = 10_000;

export const raftScenario: Scenario = {
  name: 'raft',
  bugs: ['voteTwice', 'sendBeforePersisting'],
  run: (world, options) => new RaftRun(world, options).run(),
};

class RaftRun {
  readonly #world: World;
  readonly #options: ScenarioOptions;
  readonly #checker = new RaftChecker();
  readonly #nodes: RaftNode[];
  readonly #random;
  readonly #changesMembers: boolean;
  /** Not applied by their leader yet: where they stand. */
  #waiting: { readonly node: number; readonly index: number; readonly term: number }[] = [];
  #proposals = 0;

  constructor(world: World, options: ScenarioOptions) {
    this.#world = world;
    this.#options = options;
    this.#random = world.random.child('workload');
    const voters = [1, 2, 3, 4, 5].slice(0, this.#random.pick([3, 3, 4, 5]));
    this.#changesMembers = this.#random.chance(0.5);
    const members = voters.map((id) => ({ id, name: `node-${id}`, address: `node-${id}` }));
    const configuration = { voters, outgoing: [], learners: [], members };
    const settings = {
      electionTicks: 15,
      heartbeatTicks: 5,
      appendBytesMax: this.#random.pick([100, 2_000]),
      inflightMessagesMax: this.#random.pick([1, 4, 64]),
      inflightBytesMax: 10_000,
      uncommittedBytesMax: 20_000,
    };
    const { bugs } = options;
    this.#nodes = Array.from({ length: membersMax }, (_, place) => {
      const id = place + 1;
      return new RaftNode({
        id,
        world,
        checker: this.#checker,
        bugs,
        configuration: voters.includes(id) ? configuration : null,
        settings,
        nodeOf: (other) => this.#nodes[other - 1],
      });
    });
  }

  run(): Figures {
    const { scheduler } = this.#world;
    const nemesis = this.#nemesis();
    for (const node of this.#nodes) node.start();
    this.#workload();
    this.#checkLogs();
    nemesis.begin();
    scheduler.runUntil(this.#options.ticks);
    nemesis.end();
    this.#world.trace.add('healed');
    this.#settle();
    const { acknowledgedCount, appliedMax, elections, readsAnswered } = this.#checker;
    return {
      entries: appliedMax,
      acknowledged: acknowledgedCount,
      elections,
      reads: readsAnswered,
    };
  }

  /** A while without faults: all that is in the configuration comes to the same state. */
  #settle(): void {
    const { scheduler } = this.#world;
    const before = this.#checker.acknowledgedCount;
    scheduler.runUntil(scheduler.nowMs + settleMs);
    this.#checker.checkLogs(this.#nodes);
    const { acknowledgedCount, acknowledgedMax } = this.#checker;
    mustHold(
      acknowledgedCount > before + 10,
      'progress',
      () => `only ${acknowledgedCount - before} proposals in ${settleMs} ms without faults`,
    );
    const leader = this.#nodes.find((node) => node.raft?.status().role === RaftRole.Leader);
    const configuration = leader?.raft?.status().configuration;
    for (const node of this.#nodes) {
      if (configuration?.voters.includes(node.id) !== true) continue;
      // A little behind is no fault: entries are under way all the time.
      mustHold(
        node.applied > acknowledgedMax - 50,
        'progress',
        () => `voter ${node.id} has applied ${node.applied}; ${acknowledgedMax} is acknowledged`,
      );
    }
  }

  #workload(): void {
    this.#world.scheduler.after(this.#random.integer(1, 40), () => {
      this.#workload();
      this.#acknowledge();
      const node = this.#random.pick(this.#nodes);
      const dice = this.#random.next();
      for (const leader of this.#nodes) {
        if (leader.raft?.status().role !== RaftRole.Leader) continue;
        if (dice < 0.7) this.#propose(leader);
        else this.#read(leader);
      }
      if (dice > 0.99) node.act((raft) => raft.transferLeadership(this.#random.integer(0, 6)));
    });
  }

  #propose(node: RaftNode): void {
    this.#proposals += 1;
    const data = new TextEncoder().encode(`proposal ${this.#proposals}`);
    node.act((raft) => {
      const proposed = raft.propose([data]);
      if (!proposed.ok) return;
      const { lastIndex, term } = proposed.value;
      this.#waiting.push({ node: node.id, index: lastIndex, term });
    });
  }

  /** A proposer is told as soon as the node that took its proposal has applied it. */
  #acknowledge(): void {
    this.#waiting = this.#waiting.filter(({ node, index, term }) => {
      const at = this.#nodes[node - 1];
      const status = at?.raft?.status();
      if (at === undefined || status?.term !== term || status.role !== RaftRole.Leader)
        return false;
      if (at.applied < index) return true;
      this.#checker.acknowledged(index, term);
      return false;
    });
  }

  #read(node: RaftNode): void {
    node.act((raft) => {
      const asked = raft.readIndex();
      if (asked.ok) this.#checker.readAsked(node, asked.value);
    });
  }

  #changeMembers(): void {
    if (!this.#changesMembers) return;
    const leader = this.#nodes.find((node) => node.raft?.status().role === RaftRole.Leader);
    if (leader?.raft === undefined || leader.raft === null) return;
    const { learners, voters } = leader.raft.status().configuration;
    const changes = Array.from({ length: this.#random.integer(1, 2) }, (): ConfigurationChange => {
      const id = this.#random.integer(1, membersMax);
      if (learners.includes(id)) return { kind: 'promote', id };
      // Below three voters, one that stays down would be the end of progress.
      if (voters.includes(id) && voters.length > 3) return { kind: 'remove', id };
      return { kind: 'add-learner', member: { id, name: `node-${id}`, address: `node-${id}` } };
    });
    leader.act((raft) => raft.proposeConfiguration(changes));
  }

  #checkLogs(): void {
    this.#world.scheduler.after(logsCheckedEveryMs, () => {
      this.#checker.checkLogs(this.#nodes);
      this.#checkLogs();
    });
  }

  #nemesis(): Nemesis {
    const { network, random, scheduler, trace } = this.#world;
    const ids = this.#nodes.map(({ id }) => id);
    return new Nemesis({
      scheduler,
      random: random.child('nemesis'),
      trace,
      victims: {
        network,
        endpoints: () => ids,
        ...nodeFaults(this.#nodes),
        special: () => this.#changeMembers(),
      },
    });
  }
}
