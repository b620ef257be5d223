/**
 * The API as a part of a process: `startApi` starts it inside a scope, with what it depends on given
 * from outside. Used by main.ts, and by whoever runs several apps in one process.
 *
 * Read next: server.ts (the routes), messaging.ts (the outbox's way to NATS), housekeeping.ts.
 */
import { systemClock } from '@windlass/base';
import {
  closeHttpServer,
  createHttpServer,
  defaultHttpLimits,
  type Listening,
  listen,
} from '@windlass/http';
import type { KubeClient } from '@windlass/kube';
import { createHealth, type Scope } from '@windlass/lifecycle';
import type { Bus } from '@windlass/nats';
import type { DeploymentStore } from '@windlass/postgres';
import type { Log, Metrics } from '@windlass/telemetry';
import { createRefusalAudit } from './audit/refusals.ts';
import { createAccess } from './auth/authenticate.ts';
import type { ApiSettings } from './config.ts';
import { createActivityFeed } from './events/activity-feed.ts';
import { createEventStreams } from './events/event-streams.ts';
import { startHousekeeping } from './housekeeping.ts';
import { startMessaging } from './messaging.ts';
import { createAdmission, safetyPolicyOf } from './policy/admission.ts';
import { createRolloutWait } from './requests/rollout-wait.ts';
import { addApi } from './server.ts';

export type ApiParts = {
  readonly settings: ApiSettings;
  readonly scope: Scope;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly store: DeploymentStore;
  /** For readiness. */
  readonly pingPostgres: () => Promise<unknown>;
  /**
   * Connects to NATS; asked again after a failure. The API takes requests without it: the outbox
   * keeps them. Whoever gives the bus closes it, after the API has stopped.
   */
  readonly connectBus: () => Promise<Bus>;
  /** Null where there is no access to a cluster: dry runs, pods, events and logs answer 503. */
  readonly kube: KubeClient | null;
};

/** Beyond the longest silence, so that the server doesn't take a waiting connection for a dead one. */
const idleMarginMs = 30_000;
/** A stream that can't be begun by then is refused; the client tries again. */
const streamsJoinDeadlineMs = 5_000;
/** What is left of the grace period for the parts that stop after the server. */
const closeShare = 0.7;

/** Starts everything and listens. Each part registers its end with the scope. */
export async function startApi(parts: ApiParts): Promise<Listening> {
  const { settings, scope, log, metrics, store } = parts;
  const health = createHealth();
  health.readiness('postgres', parts.pingPostgres);

  const refusals = createRefusalAudit({ store, nowMs: systemClock.nowMs, log, metrics });
  scope.onStop('refusals', refusals.stop);
  const feed = createActivityFeed({ store, log });
  scope.onStop('activity-feed', feed.stop);
  const messaging = startMessaging({
    store,
    connectBus: parts.connectBus,
    subjectPrefix: settings.natsSubjectPrefix,
    streamReplicas: settings.natsStreamReplicas,
    onActivity: feed.wake,
    log,
    metrics,
  });
  scope.onStop('messaging', messaging.stop);
  health.optional('nats', messaging.ping);
  const housekeeping = startHousekeeping({ store, settings, log, metrics });
  scope.onStop('housekeeping', housekeeping.stop);
  const streams = createEventStreams({
    store,
    feed,
    streamsMax: settings.eventStreamsMax,
    streamsPerUserMax: settings.eventStreamsPerUserMax,
    heartbeatMs: settings.eventHeartbeatMs,
    joinDeadlineMs: streamsJoinDeadlineMs,
    nowMs: systemClock.nowMs,
    log,
    metrics,
  });
  scope.onStop('event-streams', streams.stop);

  const server = createHttpServer({
    app: 'api',
    log,
    metrics,
    health,
    trustProxy: settings.trustedProxies.length === 0 ? false : [...settings.trustedProxies],
    limits: {
      idleTimeoutMs: Math.max(
        defaultHttpLimits.idleTimeoutMs,
        settings.waitTimeoutMaxMs + idleMarginMs,
        settings.eventHeartbeatMs + idleMarginMs,
      ),
    },
  });
  // Streams never end by themselves; the server waits for what is open.
  server.addHook('preClose', async () => streams.stop());
  await addApi(server, {
    deps: {
      settings,
      store,
      cluster: { kube: parts.kube },
      admission: createAdmission(safetyPolicyOf(settings)),
      waits: createRolloutWait({
        store,
        feed,
        waitsMax: settings.waitsMax,
        stopping: scope.signal,
        monotonicMs: systemClock.monotonicMs,
      }),
      streams,
      onCommitted: (identifier) => {
        messaging.onCommitted(identifier);
        feed.wake();
      },
      nowMs: systemClock.nowMs,
    },
    access: createAccess(settings),
    refusals,
    rateLimit: { max: settings.rateLimitMax, windowMs: settings.rateLimitWindowMs },
  });
  const listening = await listen(server, { host: settings.httpHost, port: settings.httpPort });
  scope.onStop('http-server', () => closeHttpServer(server, settings.shutdownGraceMs * closeShare));
  log.info('api_listening', { url: listening.url, auth_mode: settings.authMode });
  return listening;
}
