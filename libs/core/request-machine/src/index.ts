/** The life of a request, as a pure state machine. Start at machine.ts. */
export {
  next,
  operationType,
  type Refusal,
  type RequestEvent,
  type RequestState,
} from './machine.ts';
export * from './types.ts';
