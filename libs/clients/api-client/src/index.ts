/** A typed client of the platform's REST API. */
export { bodyOf, type Schemas } from './calls.ts';
export { type ApiClient, type ApiClientOptions, createApiClient } from './client.ts';
export type { CreatedRequest, CreateRequestOptions } from './create-request.ts';
export type { ApiEvent, EventsOptions } from './events.ts';
export type { components, operations, paths } from './gen/openapi.ts';
export type { ListItem, ListOptions, ListPath } from './list.ts';
export {
  ApiProblem,
  ApiUnreachable,
  type ProblemField,
  UNEXPECTED_ANSWER,
  UnreachableReason,
} from './problem.ts';
export type { WaitedRequest, WaitForRequestOptions } from './wait-for-request.ts';
