import { seededRandom } from '@windlass/base';
import { type Directive, runScripts } from '@windlass/testkit';
import { expect } from 'vitest';
import { readCluster } from './cluster.test-support.ts';
import type { RolloutInput } from './objects.ts';
import { needsPods, rolloutHealth } from './rollout-health.ts';

const shufflesPerStep = 20;

await runScripts(new URL('./testdata/', import.meta.url), () => run);

/** `health` with a cluster, in the words of cluster.test-support.ts. */
function run(directive: Directive): string {
  if (directive.name !== 'health') throw new Error(`${directive.location}: no such directive`);
  const input = readCluster(directive.input);
  const told = rolloutHealth(input);
  for (let seed = 0; seed < shufflesPerStep; seed += 1) {
    expect(rolloutHealth(shuffled(input, seed))).toEqual(told);
  }
  const alone = { ...input, replicaSets: [], pods: [], events: [] };
  const needs = needsPods(input.deployment);
  if (!needs) expect(rolloutHealth(alone)).toEqual(told);
  return `${told.health} ${told.reason}${needs ? '' : ' (by the deployment alone)'}\n${told.message}`;
}

/** The same objects in another order: lists of the cluster, of conditions and of containers. */
function shuffled(input: RolloutInput, seed: number): RolloutInput {
  const random = seededRandom(seed);
  const shuffle = <Item>(items: readonly Item[]): readonly Item[] =>
    items
      .map((item) => ({ item, key: random.next() }))
      .toSorted((left, right) => left.key - right.key)
      .map(({ item }) => item);
  const pods = input.pods.map((pod) => ({
    ...pod,
    status: {
      ...pod.status,
      conditions: shuffle(pod.status?.conditions ?? []),
      containerStatuses: shuffle(pod.status?.containerStatuses ?? []),
      initContainerStatuses: shuffle(pod.status?.initContainerStatuses ?? []),
    },
  }));
  return {
    deployment: input.deployment,
    replicaSets: shuffle(input.replicaSets),
    pods: shuffle(pods),
    events: shuffle(input.events),
  };
}
