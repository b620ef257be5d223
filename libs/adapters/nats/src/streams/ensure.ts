import type { Bus } from '../connection/bus.ts';
import type { StreamDefinition } from './definitions.ts';
import type { StreamOutcome } from './keeper.ts';

/** A server that has just started needs seconds until JetStream answers. */
const ensureDeadlineMsDefault = 30_000;

/**
 * Makes the streams as defined: creates what is missing and raises bounds that are lower. Never
 * lowers a bound or deletes anything. Any number of processes may do this at once. The streams are
 * remembered: should they vanish later, whoever misses one makes them again.
 *
 * @returns what was done, in the order of the definitions
 * @throws WindlassError `conflict` where a stream exists and is something else; `unavailable` when
 *   JetStream didn't answer before the deadline
 */
export function ensureStreams(
  bus: Bus,
  definitions: readonly StreamDefinition[],
  deadlineMs: number = ensureDeadlineMsDefault,
): Promise<readonly StreamOutcome[]> {
  return bus.internal.streams.ensure(definitions, deadlineMs);
}
