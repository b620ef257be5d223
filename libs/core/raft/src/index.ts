/** The Raft consensus algorithm as a pure engine. Start at raft.ts. */
export { isJoint, isVoter, memberIds } from './configuration.ts';
export { entryBytes } from './log.ts';
export { type Message, MessageKind } from './messages.ts';
export type { RaftBugs } from './node-state.ts';
export { type Proposed, Raft } from './raft.ts';
export * from './types.ts';
export { decodeConfiguration, encodeConfiguration } from './wire-configuration.ts';
export { decodeEntry, encodeEntry } from './wire-entry.ts';
export {
  decodeMessage,
  decodeMessages,
  type Exchange,
  encodeMessage,
  encodeMessages,
} from './wire-message.ts';
