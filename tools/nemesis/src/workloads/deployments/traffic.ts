/**
 * Users at work: each has a few deployments, which are created, changed and deleted at a steady rate.
 * Changes of one deployment are sent one after the other, so that their order is known; those of
 * different ones at once.
 */
import type { Random } from '@windlass/base';
import { type Answer, type Api, type Call, member } from './api.ts';
import { change, creation, type Intent, type Wish } from './intent.ts';
import { countRefusal, type Ledger, type Promised } from './ledger.ts';

export type Slot = {
  readonly userId: string;
  readonly identifier: string;
  busy: boolean;
  /** Null: not there, or asked to go. */
  intent: Intent | null;
  requestId: string | null;
};

export type Traffic = {
  /** Every slot, with those that races have added. */
  readonly slots: Slot[];
  readonly start: () => void;
  /** A wish for every slot that is free, at once. */
  readonly stir: () => void;
  /** Nothing new; settles when every call is answered, or the deadline is over. */
  readonly stop: (deadlineMs: number) => Promise<void>;
  /** Sends a wish for a slot that nobody else uses, and notes the answer. */
  readonly send: (slot: Slot, wish: Wish) => Promise<void>;
};

export type TrafficOptions = {
  readonly api: Api;
  readonly ledger: Ledger;
  readonly runId: string;
  readonly users: readonly string[];
  readonly slotsPerUser: number;
  /** Wishes per second, over all users. */
  readonly ratePerSecond: number;
  readonly random: Random;
  readonly onPromised: (promised: Promised) => void;
};

/** Calls under way at once: during an outage all of them wait, and no more are added. */
const inFlightMax = 64;
/** What else may be answered to a wish that is right, because deletions take their time. */
const expectedRefusals: ReadonlySet<string> = new Set([
  'identifier-taken',
  'deletion-in-progress',
  'queue-full',
]);

export function createTraffic(options: TrafficOptions): Traffic {
  const { users, slotsPerUser, runId, random, ratePerSecond } = options;
  const slots: Slot[] = users.flatMap((userId, user) =>
    Array.from({ length: slotsPerUser }, (_unused, place) =>
      emptySlot(userId, `nemesis-${runId}-${user}-${place}`),
    ),
  );
  const inFlight = new Set<Promise<void>>();
  const ending = new AbortController();
  let nextKey = 0;
  let timer: NodeJS.Timeout | null = null;

  const send = async (slot: Slot, wish: Wish) => {
    nextKey += 1;
    const call = callOf(slot, wish, `${runId}-${nextKey}`);
    await carryOut(options, slot, wish, call, ending.signal);
  };
  const wishFor = (slot: Slot) => {
    if (slot.busy || inFlight.size >= inFlightMax) return;
    slot.busy = true;
    const wish =
      slot.intent === null ? creation(slot.identifier, random) : change(slot.intent, random);
    const done = send(slot, wish).finally(() => {
      slot.busy = false;
      inFlight.delete(done);
    });
    inFlight.add(done);
  };
  const tick = () => {
    const meanMs = 1_000 / ratePerSecond;
    timer = setTimeout(tick, meanMs * (0.5 + random.next()));
    wishFor(random.pick(slots));
  };
  return {
    slots,
    start: tick,
    stir: () => {
      for (const slot of slots) wishFor(slot);
    },
    stop: async (deadlineMs) => {
      if (timer !== null) clearTimeout(timer);
      const deadline = setTimeout(() => ending.abort(), deadlineMs);
      await Promise.all(inFlight);
      clearTimeout(deadline);
    },
    send,
  };
}

export function emptySlot(userId: string, identifier: string): Slot {
  return { userId, identifier, busy: false, intent: null, requestId: null };
}

function callOf(slot: Slot, wish: Wish, key: string): Call {
  const { userId, identifier, requestId } = slot;
  const requests = '/deployments/requests';
  const call = (method: Call['method'], path: string): Call => {
    return { userId, method, path, key, body: wish.body };
  };
  switch (wish.operation) {
    case 'CREATE':
      return call('POST', `${requests}/create`);
    case 'UPDATE':
      return call('PATCH', `${requests}/${requestId}`);
    case 'DELETE':
      return call('DELETE', `${requests}/${requestId}`);
    case 'SCALE':
    case 'PAUSE':
    case 'RESUME':
      return call('POST', `/deployments/${identifier}/${wish.operation.toLowerCase()}`);
    default:
      return wish.operation satisfies never;
  }
}

async function carryOut(
  { api, ledger, onPromised }: TrafficOptions,
  slot: Slot,
  wish: Wish,
  call: Call,
  signal: AbortSignal,
): Promise<void> {
  const { identifier, userId } = slot;
  const { operation, after } = wish;
  const key = call.key ?? '';
  const startedMs = performance.now();
  ledger.unanswered.set(key, { identifier, operation });
  const answer = await api.untilAnswered(call, signal);
  if (answer === null) return;
  ledger.unanswered.delete(key);
  ledger.slowestAnswerMs = Math.max(ledger.slowestAnswerMs, performance.now() - startedMs);
  if (answer.tries > 1) ledger.repeatedCalls += 1;
  const promised = promisedBy(answer, { userId, identifier, key, operation, after });
  if (promised !== null) {
    ledger.promised.push(promised);
    slot.intent = after;
    slot.requestId = promised.requestId;
    onPromised(promised);
    return;
  }
  const code = String(member(answer.body, 'code'));
  const isCreation = operation === 'CREATE';
  // A creation meets what is still being deleted. A change may only meet a full queue.
  if (expectedRefusals.has(code) && (isCreation || code === 'queue-full')) {
    countRefusal(ledger, code);
    return;
  }
  ledger.incidents.push({
    rule: 'unexpected-answer',
    subject: identifier,
    detail: `${operation} is answered ${answer.status} ${code} after ${answer.tries} tries`,
    fields: { userId, key, body: answer.body },
  });
}

/** Null where the answer promises nothing. */
export function promisedBy(
  { status, body }: Answer,
  wish: Pick<Promised, 'userId' | 'identifier' | 'key' | 'operation' | 'after'>,
): Promised | null {
  if (status !== 202 && status !== 200) return null;
  const requestId = String(member(body, 'id'));
  return { ...wish, status, requestId, revision: Number(member(body, 'revision')) };
}
