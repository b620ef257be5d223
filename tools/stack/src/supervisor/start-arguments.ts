/** What `make run` and the supervisor that it starts agree on. */

/** Variable with the plan as JSON. */
export const planVariable = 'WINDLASS_STACK_PLAN';
