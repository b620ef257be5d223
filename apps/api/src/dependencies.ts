/** What the routes are given. Each takes what it needs and nothing else from outside. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { DeploymentStore } from '@windlass/postgres';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Caller } from './auth/caller.ts';
import type { Cluster } from './cluster/cluster.ts';
import type { ApiSettings } from './config.ts';
import type { EventStreams } from './events/event-streams.ts';
import type { Admission } from './policy/admission.ts';
import type { RolloutWait } from './requests/rollout-wait.ts';

export type ApiServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export type RouteDependencies = {
  readonly settings: Pick<
    ApiSettings,
    | 'defaultNamespace'
    | 'quotaDeploymentsMax'
    | 'quotaReplicasMax'
    | 'openRevisionsMax'
    | 'waitTimeoutMaxMs'
  >;
  readonly store: DeploymentStore;
  readonly cluster: Cluster;
  readonly admission: Admission;
  readonly waits: RolloutWait;
  readonly streams: EventStreams;
  /** A change was committed: wakes the relay and whoever waits for news. */
  readonly onCommitted: (identifier: string) => void;
  readonly nowMs: () => number;
};

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; set before any handler of /api/v1 runs (except the ping). */
    caller: Caller;
  }
  interface FastifyContextConfig {
    /** What the audit trail calls this, where a refusal of it is worth a line. */
    action?: string;
  }
}
