/** A burst of clients that all send the same request under the same id at once. */
import type { Random } from '@windlass/base';
import { type Fault, nothingToUndo } from '../../faults/fault.ts';
import { type Api, type Call, member } from './api.ts';
import { creation } from './intent.ts';
import type { Ledger, Promised } from './ledger.ts';
import { emptySlot, promisedBy, type Slot } from './traffic.ts';

export type RaceOptions = {
  readonly api: Api;
  readonly ledger: Ledger;
  readonly runId: string;
  readonly users: readonly string[];
  /** Takes the deployment that came of it, to go on with. */
  readonly addSlot: (slot: Slot) => void;
  readonly onPromised: (promised: Promised) => void;
};

const clients = 50;
/** Outages may be under way: the clients go on until they are answered. */
const deadlineMs = 90_000;

export function raceFault(options: RaceOptions): Fault {
  return {
    name: 'race on one request id',
    weight: 2,
    holdMs: { min: 0, max: 0 },
    isOutage: false,
    component: null,
    inject: (context, random) => {
      options.ledger.racesRun += 1;
      const place = options.ledger.racesRun;
      context.note(`${clients} clients, deployment nemesis-${options.runId}-race-${place}`);
      // Not waited for: other faults are to come while it runs. The ledger knows what is unanswered.
      void race(options, place, random);
      return Promise.resolve(nothingToUndo);
    },
  };
}

async function race(options: RaceOptions, place: number, random: Random): Promise<void> {
  const { api, ledger, runId } = options;
  const userId = random.pick(options.users);
  const identifier = `nemesis-${runId}-race-${place}`;
  const wish = creation(identifier, random);
  const key = `${runId}-race-${place}`;
  const path = '/deployments/requests/create';
  const call: Call = { userId, method: 'POST', path, key, body: wish.body };
  const signal = AbortSignal.timeout(deadlineMs);
  ledger.unanswered.set(key, { identifier, operation: 'CREATE' });
  const answers = await Promise.all(
    Array.from({ length: clients }, () => api.untilAnswered(call, signal)),
  );
  const given = answers.filter((answer) => answer !== null);
  const first = given.find(({ status }) => status === 202) ?? given[0];
  if (first === undefined) return;
  ledger.unanswered.delete(key);
  const ids = new Set(given.map(({ body }) => member(body, 'id')));
  const accepted = given.filter(({ status }) => status === 202).length;
  const others = given.filter(({ status }) => status !== 202 && status !== 200);
  if (ids.size > 1 || accepted > 1 || others.length > 0) {
    ledger.incidents.push({
      rule: 'doubled',
      subject: identifier,
      detail: `${clients} clients with one id got ${accepted} × 202, ${ids.size} request ids and ${others.length} other answers`,
      fields: { userId, key, ids: [...ids], others: others.slice(0, 3) },
    });
  }
  const { operation, after } = wish;
  const promised = promisedBy(first, { userId, identifier, key, operation, after });
  if (promised === null) return;
  ledger.promised.push(promised);
  options.onPromised(promised);
  const { requestId } = promised;
  options.addSlot({ ...emptySlot(userId, identifier), intent: after, requestId });
}
