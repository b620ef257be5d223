/** Query parameters, path parameters and headers that several endpoints share. */
import { type Static, type TProperties, Type } from 'typebox';
import { cursorLengthMax } from '../lists/cursor.ts';
import { WaitFor } from '../requests/rollout-wait.ts';
import { oneOf, requestId } from './primitives.ts';
import { identifierSchema } from './request.ts';

export const pageLimitMax = 200;
export const pageLimitDefault = 50;
/** The setting WAIT_TIMEOUT_MAX_MS may be lower; more is cut to it. */
const timeoutSecondsMax = 600;
const timeoutSecondsDefault = 30;

/** Query of a list: its filters, and where to go on. Unknown parameters are refused by name. */
export function listQuery<Filters extends TProperties>(filters: Filters) {
  return Type.Object(
    {
      ...filters,
      limit: Type.Optional(
        Type.Integer({
          description: 'Items per page.',
          minimum: 1,
          maximum: pageLimitMax,
          default: pageLimitDefault,
        }),
      ),
      cursor: Type.Optional(
        Type.String({
          description: 'nextCursor of the page before, with the same filters.',
          minLength: 1,
          maxLength: cursorLengthMax,
        }),
      ),
    },
    { additionalProperties: false },
  );
}

const waitProperties = {
  wait: Type.Optional(
    oneOf(
      'Holds the answer back: applied: until the request ended; rollout: until the rollout is Healthy, Degraded or Suspended, or the deployment is gone.',
      Object.values(WaitFor),
    ),
  ),
  timeoutSeconds: Type.Optional(
    Type.Integer({
      description: 'How long to hold it back at most; the request goes on by itself.',
      minimum: 1,
      maximum: timeoutSecondsMax,
      default: timeoutSecondsDefault,
    }),
  ),
};

export const waitQuery = Type.Object(waitProperties, { additionalProperties: false });
export type WaitQuery = Static<typeof waitQuery>;

export const changeQuery = Type.Object(
  {
    ...waitProperties,
    dryRun: Type.Optional(
      oneOf('server: checks everything, also with the cluster, and queues nothing.', ['server']),
    ),
  },
  { additionalProperties: false },
);
export type ChangeQuery = Static<typeof changeQuery>;

export const noQuery = Type.Object({}, { additionalProperties: false });

/** Described here, read by idempotencyKeyOf: header names are lower-case by then. */
export const createHeaders = Type.Object({
  'X-Request-ID': Type.Optional(
    requestId('Repeat a request under the same id: it is made once. Made by the server if absent.'),
  ),
  'Idempotency-Key': Type.Optional(requestId('The same as X-Request-ID.')),
});

const ifMatchDescription = 'ETag that the request must still have (412 otherwise).';
const ifNoneMatchDescription = 'ETag that the caller has already (304 if it is the same).';

export const changeHeaders = Type.Object({
  ...createHeaders.properties,
  'If-Match': Type.Optional(Type.String({ description: ifMatchDescription, maxLength: 1_024 })),
});

export const readHeaders = Type.Object({
  'If-None-Match': Type.Optional(
    Type.String({ description: ifNoneMatchDescription, maxLength: 1_024 }),
  ),
});

export const requestParams = Type.Object({
  id: requestId('The id of a request, or the X-Request-ID under which it was made.'),
});

export const deploymentParams = Type.Object({ id: identifierSchema });

export const deadLetterParams = Type.Object({
  id: Type.String({ format: 'uuid', description: 'Id of the dead letter.' }),
});

/** Operations without arguments: no body, or an empty object. */
export const emptyBody = Type.Unsafe<Record<string, never> | null>({
  type: ['object', 'null'],
  additionalProperties: false,
});
