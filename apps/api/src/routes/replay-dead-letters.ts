/** POST /api/v1/dead-letters/replay */

import type { DeploymentStore, PageKey, Scope } from '@windlass/postgres';
import { Type } from 'typebox';
import { actorOf, scopeOf } from '../auth/caller.ts';
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import type { ReplayCounts } from '../schemas/administration.ts';
import { noQuery } from '../schemas/parameters.ts';
import { jsonResponse, problemResponses } from '../schemas/responses.ts';

/** Dead letters in one call: a few seconds of transactions at most. */
const lettersMax = 500;
const lettersDefault = 100;
const lettersPerPageMax = 100;

const bodySchema = Type.Unsafe<{ limit?: number } | null>({
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    limit: {
      type: 'integer',
      minimum: 1,
      maximum: lettersMax,
      description: `How many to look at; ${lettersDefault} by default.`,
    },
  },
  examples: [{ limit: 100 }],
});

export function replayDeadLettersRoute(server: ApiServer, deps: RouteDependencies): void {
  const { store } = deps;
  server.route({
    method: 'POST',
    url: '/api/v1/dead-letters/replay',
    config: { action: 'dead-letter.replay-all' },
    schema: {
      operationId: 'replayDeadLetters',
      summary: 'Try again everything that was given up',
      description: 'The newest first, up to a bound; call again while `more` is true.',
      tags: ['dead letters'],
      querystring: noQuery,
      body: bodySchema,
      response: {
        200: jsonResponse('What became of them.', 'ReplayCounts'),
        ...problemResponses('malformed-body', 'unsupported-media-type'),
      },
    },
    handler: async (request, reply) => {
      const { caller } = request;
      const scope = scopeOf(caller);
      const { ids, more } = await waitingLetters(
        store,
        scope,
        request.body?.limit ?? lettersDefault,
      );
      const counts = { replayed: 0, superseded: 0, ended: 0, notReplayable: 0 };
      for (const id of ids) {
        const outcome = await store.replayDeadLetter(scope, id, actorOf(caller));
        if (outcome.kind === 'replayed') deps.onCommitted(outcome.request.identifier);
        counts[countOf[outcome.kind]] += 1;
      }
      return reply.send({ ...counts, more } satisfies ReplayCounts);
    },
  });
}

const countOf = {
  replayed: 'replayed',
  superseded: 'superseded',
  'already-ended': 'ended',
  // Gone between the list and the replay: dropped by somebody.
  'not-found': 'ended',
  'not-replayable': 'notReplayable',
} as const;

async function waitingLetters(
  store: Pick<DeploymentStore, 'listDeadLetters'>,
  scope: Scope,
  limit: number,
): Promise<{ readonly ids: readonly string[]; readonly more: boolean }> {
  const ids: string[] = [];
  let after: PageKey | null = null;
  do {
    const size = Math.min(lettersPerPageMax, limit - ids.length);
    const page = await store.listDeadLetters(scope, { limit: size, after });
    ids.push(...page.items.map((letter) => letter.id));
    after = page.next;
  } while (after !== null && ids.length < limit);
  return { ids, more: after !== null };
}
