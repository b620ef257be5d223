/**
 * Users at work while a seeded schedule of faults goes on, and whether what they saw is
 * linearizable. The schedule is drawn from the seed; what the processes make of it isn't repeatable.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seededRandom } from '@windlass/base';
import { checkLockHistory, explainLockHistory } from '@windlass/linearizability';
import { HistoryRecorder } from './history-recorder.ts';
import type { Fault } from './process-faults.ts';
import { runReader, runUser } from './recorded-user.ts';

export type FaultRunOptions = {
  readonly addresses: readonly string[];
  readonly faults: readonly Fault[];
  readonly seed: number;
  /** No fault begins later; the last one is waited for. */
  readonly durationMs: number;
};

export type FaultRun = {
  /** What was done to the cluster, in order. */
  readonly faults: readonly string[];
  readonly operations: number;
  /** Of them, with a known outcome. */
  readonly known: number;
  /** Null: linearizable. */
  readonly problem: string | null;
};

const usersCount = 5;
/** Longer than an election on a busy machine, shorter than the longest pause of a node. */
const sessionTtlMs = 2_500;
const calmMs = { min: 200, max: 1_000 };
/** What is left to say to users when the faults are over. */
const lastWordsMs = 500;

export async function runUnderFaults(options: FaultRunOptions): Promise<FaultRun> {
  const { addresses, durationMs, faults, seed } = options;
  const random = seededRandom(seed);
  const recorder = new HistoryRecorder();
  const done = new AbortController();
  const common = { addresses, recorder, signal: done.signal, ttlMs: sessionTtlMs };
  const users = Array.from({ length: usersCount }, (_none, index) =>
    runUser({ ...common, random: random.child(`user ${index}`) }),
  );
  // Each asks one node only: one that leads no more, and doesn't know, must not answer.
  const readers = addresses.map((address) =>
    runReader({ ...common, addresses: [address], random: random.child(`reader ${address}`) }),
  );
  const working = Promise.all([...users, ...readers]);
  const inflicted = inflictFaults(faults, random.child('faults'), durationMs, done.signal);
  try {
    // Users work until they are told to stop: one that ends before has failed.
    await Promise.race([inflicted, working]);
  } finally {
    done.abort();
    await Promise.allSettled([inflicted, working]);
  }
  await working;
  const { all, known } = recorder.counts();
  const check = checkLockHistory(recorder.history());
  return {
    faults: await inflicted,
    operations: all,
    known,
    problem: explainLockHistory(check),
  };
}

/** All kinds in an order that is drawn, then all of them again. */
async function inflictFaults(
  faults: readonly Fault[],
  random: Random,
  durationMs: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const untilMs = performance.now() + durationMs;
  const names: string[] = [];
  let deck: Fault[] = [];
  while (performance.now() < untilMs && !signal.aborted) {
    if (deck.length === 0) deck = [...faults];
    const fault = random.pick(deck);
    deck = deck.filter((other) => other !== fault);
    await sleep(random.integer(calmMs.min, calmMs.max));
    names.push(fault.name);
    await fault.inflict(random);
  }
  await sleep(lastWordsMs);
  return names;
}
