/** What everything else may use: values, assertions, ids, time and randomness. Imports nothing. */
export { AssertionError, assert, required, unreachable } from './assert.ts';
export { type BackoffPolicy, backoffDelayMs } from './backoff.ts';
export { type Clock, systemClock } from './clock.ts';
export { isUuid, newUuid, uuidV7 } from './ids.ts';
export { type Random, seededRandom, systemRandom } from './random.ts';
export { fail, ok, type Result } from './result.ts';
