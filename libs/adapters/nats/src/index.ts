/**
 * NATS with JetStream: streams, publishing, consuming, dead letters. Read next: connection/bus.ts,
 * streams/definitions.ts, publish/publish.ts, consume/consume.ts, max-deliveries.ts.
 */
export { type ActivityPublisher, createActivityPublisher } from './activity.ts';
export { type Bus, type ConnectOptions, connectNats } from './connection/bus.ts';
export { natsOptionsOf } from './connection/options-of.ts';
export type { NatsCredentials, NatsTls } from './connection/servers.ts';
export { type ConsumeOptions, type Consumption, consume } from './consume/consume.ts';
export type { HandlerContext } from './consume/handlers.ts';
export { typedHandler } from './consume/typed.ts';
export type { Verdict } from './consume/verdict.ts';
export { deadLetterOf, publishDeadLetter } from './dead-letters.ts';
export { watchMaxDeliveries } from './max-deliveries.ts';
export {
  type CoreMessage,
  decodeMessage,
  encodeMessage,
  type ReceivedMessage,
} from './message.ts';
export { StreamKind, streamName, subjects } from './names.ts';
export { type CorePublication, publishCore, subscribeCore } from './publish/core.ts';
export {
  type Publication,
  type Published,
  type PublishFailure,
  type PublishResult,
  publish,
  publishMany,
} from './publish/publish.ts';
export { deploymentStreams, type StreamDefinition } from './streams/definitions.ts';
export { ensureStreams } from './streams/ensure.ts';
export type { StreamOutcome } from './streams/keeper.ts';
