/**
 * The bytes of the lock manager's sessions and of its log, by hand for speed. Read types.ts first,
 * then byte-reader.ts for what is refused.
 */
export {
  clientNameBytesMax,
  frameBytesMax,
  keyBytesMax,
  metadataBytesMax,
  type OperationBounds,
  operationBounds,
  operationsPerFrameMax,
  permitsMax,
} from './bounds.ts';
export type { WireError } from './byte-reader.ts';
export { decodeCommands } from './command-reader.ts';
export { encodeCommands } from './command-writer.ts';
export { acquire, cancel, close, release, setMetadata } from './operations.ts';
export { decodeSessionRequest, encodeSessionRequest } from './session-request.ts';
export { decodeSessionResponse, encodeSessionResponse } from './session-response.ts';
export * from './types.ts';
export { utf8Bytes } from './utf8.ts';
export { validateOperation } from './validate-operation.ts';
