/**
 * Makes streams as they are defined, and makes them again when a server comes back without its
 * state. Read next: plan.ts for what is changed and what is refused.
 */
import { type BackoffPolicy, backoffDelayMs, systemRandom } from '@windlass/base';
import { WindlassError } from '@windlass/errors';
import type { Log } from '@windlass/telemetry';
import type { JetStreamManager } from 'nats';
import { type ApiFailure, apiFailure } from '../api-failure.ts';
import type { Link } from '../connection/link.ts';
import { delay } from '../waiting.ts';
import type { StreamDefinition } from './definitions.ts';
import { planStream, streamConfig } from './plan.ts';

/** JetStream is up within seconds of its server; a cluster elects its leader in some more. */
const retryBackoff: BackoffPolicy = { initialMs: 100, maxMs: 2_000 };

/** Many processes find out at once that a stream is missing: each asks no more often than this. */
const restoreIntervalMs = 2_000;

/** A restore that takes longer is tried again by whoever still misses its stream. */
const restoreDeadlineMs = 10_000;

export type StreamOutcome = 'created' | 'updated' | 'unchanged';

export class StreamKeeper {
  readonly #link: Link;
  readonly #log: Log;
  readonly #definitions = new Map<string, StreamDefinition>();
  readonly #loggedKept = new Set<string>();
  #restoring: Promise<void> | null = null;
  #restoredAtMs = Number.NEGATIVE_INFINITY;

  constructor(link: Link, log: Log) {
    this.#link = link;
    this.#log = log;
  }

  /** See ensureStreams. */
  async ensure(
    definitions: readonly StreamDefinition[],
    deadlineMs: number,
  ): Promise<readonly StreamOutcome[]> {
    for (const definition of definitions) this.#definitions.set(definition.name, definition);
    const signal = AbortSignal.any([AbortSignal.timeout(deadlineMs), this.#link.closed]);
    const outcomes: StreamOutcome[] = [];
    for (const definition of definitions) {
      outcomes.push(await this.#ensureOne(definition, deadlineMs, signal));
    }
    return outcomes;
  }

  /**
   * Makes every stream that this process ensured before, once more. For whoever finds one missing;
   * calls while it runs share its outcome. Failures are logged: the caller tries its own work again.
   */
  async restore(): Promise<void> {
    if (this.#restoring !== null) return this.#restoring;
    if (performance.now() - this.#restoredAtMs < restoreIntervalMs) return;
    this.#restoring = this.#restoreAll();
    await this.#restoring;
    this.#restoredAtMs = performance.now();
    this.#restoring = null;
  }

  async #restoreAll(): Promise<void> {
    try {
      const outcomes = await this.ensure([...this.#definitions.values()], restoreDeadlineMs);
      const created = outcomes.filter((outcome) => outcome === 'created').length;
      if (created > 0) this.#log.warn('nats_streams_restored', { streams: created });
    } catch (error) {
      this.#log.warn('nats_streams_not_restored', { error });
    }
  }

  async #ensureOne(
    definition: StreamDefinition,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<StreamOutcome> {
    let last: ApiFailure | null = null;
    for (let failures = 1; !signal.aborted; failures += 1) {
      const attachment = await this.#link.whenConnected(deadlineMs, signal);
      if (attachment === null) break;
      try {
        return await this.#makeSo(definition, attachment.manager);
      } catch (error) {
        if (error instanceof WindlassError) throw error;
        last = apiFailure(error);
        if (last.kind === 'refused') break;
      }
      await delay(backoffDelayMs(failures, retryBackoff, systemRandom), signal);
    }
    const why = last === null ? 'there is no connection' : last.message;
    throw new WindlassError(
      last?.kind === 'refused' ? 'conflict' : 'unavailable',
      `stream ${definition.name} could not be made: ${why}`,
      { cause: last?.error },
    );
  }

  async #makeSo(definition: StreamDefinition, manager: JetStreamManager): Promise<StreamOutcome> {
    const current = await manager.streams.info(definition.name).catch((error: unknown) => {
      if (apiFailure(error).kind === 'stream-not-found') return null;
      throw error;
    });
    if (current === null) {
      // Where others create it at the same time: the same configuration is no error, another one
      // is `stream-exists`, and the next round compares with what they made.
      await manager.streams.add(streamConfig(definition));
      this.#log.info('nats_stream_created', { stream: definition.name });
      return 'created';
    }
    const plan = planStream(definition, current.config);
    if (plan.kind === 'conflict') {
      throw new WindlassError(
        'conflict',
        `stream ${definition.name} is not what this app needs, and would lose messages by a change: ${plan.problems.join('; ')}`,
      );
    }
    if (plan.kept.length > 0 && !this.#loggedKept.has(definition.name)) {
      this.#loggedKept.add(definition.name);
      this.#log.warn('nats_stream_bounds_kept', { stream: definition.name, fields: plan.kept });
    }
    if (plan.kind === 'unchanged') return 'unchanged';
    await manager.streams.update(definition.name, plan.config);
    this.#log.info('nats_stream_updated', { stream: definition.name, fields: plan.changes });
    return 'updated';
  }
}
