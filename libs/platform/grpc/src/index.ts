/** gRPC servers and clients of our apps, on grpc-js. Read next: server.ts, handlers.ts, client.ts. */
export {
  type CallOptions,
  callMetadata,
  type GrpcClient,
  type GrpcClientOptions,
  grpcClient,
  type UnaryCalls,
} from './client.ts';
export {
  errorOfStatus,
  GrpcError,
  type GrpcErrorOptions,
  type GrpcStatus,
  statusOf,
} from './grpc-error.ts';
export { type Handlers, type ServedService, serve, type UnaryContext } from './handlers.ts';
export { channelOptions, defaultGrpcLimits, type GrpcLimits } from './limits.ts';
export { bearerToken, type PeerCertificate, type PeerIdentity, peerOf } from './peer.ts';
export { type GrpcServerOptions, type RunningGrpcServer, startGrpcServer } from './server.ts';
export {
  asBuffer,
  type DefinitionOptions,
  pathOf,
  serviceDefinition,
} from './service-definition.ts';
export { type ClientTlsFiles, clientCredentials, type ServerTlsFiles } from './tls.ts';
