/**
 * Whole lock managers: three or five nodes, clients with sessions, and whatever the nemesis draws.
 * While it runs, every change is checked as it is applied first; in the end everything is healed,
 * the clients must get on, nothing may be left behind, and the history must be linearizable.
 */
import { checkLockHistory, explainLockHistory } from '@windlass/linearizability';
import type { Figures, Scenario, ScenarioOptions } from '../scenario.ts';
import { Nemesis } from '../world/nemesis.ts';
import { nodeFaults } from '../world/victims.ts';
import { mustHold, type World } from '../world/world.ts';
import { Connections } from './connections.ts';
import { History } from './history.ts';
import { LockChecker } from './lock-checker.ts';
import { keys, LockClient } from './lock-client.ts';
import { LockNode } from './lock-node.ts';

/** Clients are endpoints from here on. */
const firstClient = 101;
const surveyEveryMs = 200;
/**
 * Clients go on crashing, and what they held is free after a TTL of up to 4 s: one that waits may have
 * to wait for two of them.
 */
const progressMs = 12_000;
/** The longest TTL, an election, and what was under way. */
const emptyMs = 7_000;
/** Whoever asked has long given up. */
const operatorPatienceMs = 4_000;

export const lockScenario: Scenario = {
  name: 'locks',
  bugs: ['voteTwice', 'sendBeforePersisting', 'grantToExpired'],
  run: (world, options) => new LockRun(world, options).run(),
};

class LockRun {
  readonly #world: World;
  readonly #ticks: number;
  readonly #random;
  readonly #nodes: LockNode[];
  readonly #clients: LockClient[];
  readonly #history: History;
  readonly #checker: LockChecker;
  readonly #connections: Connections;

  constructor(world: World, { bugs, ticks }: ScenarioOptions) {
    this.#world = world;
    this.#ticks = ticks;
    this.#random = world.random.child('workload');
    this.#history = new History(() => world.scheduler.nowMs);
    this.#checker = new LockChecker(
      () => this.#clients.flatMap((client) => client.beliefs),
      (session, key) =>
        this.#clients.map((client) => client.wantedMode(session, key)).find(isKnown) ?? null,
    );
    this.#checker.nodesOf = () => this.#nodes;
    const nodeOf = (id: number) => this.#nodes[id - 1];
    this.#connections = new Connections(world, nodeOf);
    const voters = [1, 2, 3, 4, 5].slice(0, this.#random.pick([3, 3, 5]));
    const members = voters.map((id) => ({ id, name: `node-${id}`, address: `node-${id}` }));
    const configuration = { voters, outgoing: [], learners: [], members };
    const parts = { world, bugs, configuration, nodeOf, checker: this.#checker };
    this.#nodes = voters.map(
      (id) => new LockNode({ ...parts, id, connections: this.#connections }),
    );
    this.#clients = Array.from(
      { length: this.#random.integer(2, 6) },
      (_, place) =>
        new LockClient({
          endpoint: firstClient + place,
          world,
          connections: this.#connections,
          history: this.#history,
          nodes: voters,
        }),
    );
  }

  run(): Figures {
    const { scheduler, trace } = this.#world;
    const nemesis = this.#nemesis();
    for (const node of this.#nodes) node.start();
    for (const client of this.#clients) client.start();
    this.#survey();
    nemesis.begin();
    scheduler.runUntil(this.#ticks);
    nemesis.end();
    for (const client of this.#clients) client.host.resume();
    trace.add('healed');
    this.#mustProgress();
    this.#mustEmpty();
    const operations = this.#mustBeLinearizable();
    const { expiries, grants, leaderships } = this.#checker;
    return { operations, grants, expiries, leaderships };
  }

  #mustProgress(): void {
    const { scheduler } = this.#world;
    const before = this.#clients.map(({ completed }) => completed);
    scheduler.runUntil(scheduler.nowMs + progressMs);
    this.#clients.forEach(({ completed, name }, place) => {
      const done = completed - (before[place] ?? 0);
      mustHold(done > 3, 'progress', () => `${name}: ${done} operations in ${progressMs} ms`);
    });
  }

  /** 9: when all clients have gone, no hold, no waiter and no session is left. */
  #mustEmpty(): void {
    const { scheduler } = this.#world;
    for (const client of this.#clients) client.isStopping = true;
    scheduler.runUntil(scheduler.nowMs + emptyMs);
    for (const client of this.#clients) client.end();
    for (const { id, replica } of this.#nodes) {
      const { holds, sessions, waiters } = replica?.machine.counts() ?? {};
      mustHold(
        holds === 0 && waiters === 0 && sessions === 0,
        '9: nothing is left behind',
        () => `node ${id}: ${holds} holds, ${waiters} waiters, ${sessions} sessions`,
      );
    }
  }

  #mustBeLinearizable(): number {
    const check = checkLockHistory(this.#history.all());
    const problem = explainLockHistory(check);
    mustHold(problem === null, 'linearizability', () => problem ?? '');
    return check.operations;
  }

  #survey(): void {
    this.#world.scheduler.after(surveyEveryMs, () => {
      this.#checker.survey(this.#nodes, keys);
      this.#survey();
    });
  }

  /** What only this scenario has: clients that pause or die, handovers, forced releases. */
  #special(): void {
    const random = this.#random;
    const client = random.pick(this.#clients);
    switch (random.integer(0, 3)) {
      case 0:
        client.host.pause();
        this.#world.scheduler.after(random.integer(10, 6_000), () => client.host.resume());
        return;
      case 1:
        client.crash();
        return;
      case 2:
        this.#forceRelease();
        return;
      default:
        for (const node of this.#nodes) if (node.replica?.isServing === true) node.handOver();
    }
  }

  #forceRelease(): void {
    const key = this.#random.pick(keys);
    const record = this.#history.begin('operator', key, { kind: 'force-release', token: 0 });
    let isAnswered = false;
    const request = {
      kind: 'force-release',
      key,
      token: 0,
      actor: 'operator',
      reason: '-',
    } as const;
    const node = this.#nodes.find(({ replica }) => replica?.isServing === true);
    if (node === undefined) return;
    this.#connections.call(firstClient - 1, node.id, request, (answer) => {
      if (answer.kind !== 'force-released') return;
      isAnswered = true;
      this.#history.returned(record, { kind: 'done' });
    });
    this.#world.scheduler.after(operatorPatienceMs, () => {
      if (!isAnswered) this.#history.unknown(record);
    });
  }

  #nemesis(): Nemesis {
    const { network, random, scheduler, trace } = this.#world;
    const ids = this.#nodes.map(({ id }) => id);
    const endpoints = [...ids, ...this.#clients.map(({ endpoint }) => endpoint)];
    return new Nemesis({
      scheduler,
      random: random.child('nemesis'),
      trace,
      victims: {
        network,
        endpoints: () => endpoints,
        ...nodeFaults(this.#nodes),
        special: () => this.#special(),
      },
    });
  }
}

function isKnown<Value>(value: Value | null): value is Value {
  return value !== null;
}
