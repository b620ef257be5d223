/**
 * Correct histories, made by a lock service of a few lines: in random order operations are called,
 * take effect one after the other, and return or get lost. It shares no code with the model.
 */
import { required, seededRandom } from '@windlass/base';
import { HoldMode, type LockHistory, type LockOutput, type LockRecord } from './types.ts';

type Acquire = Extract<LockRecord['input'], { readonly kind: 'acquire' }>;
type Hold = { session: number; token: number; mode: HoldMode; permits: number; holdCount: number };
type Call = {
  record: LockRecord;
  /** Null while it hasn't taken effect; a wait takes effect when it is granted. */
  output: LockOutput | null;
  client: Client;
  isLost: boolean;
};
type Client = {
  session: number;
  nextSequence: number;
  call: Call | null;
  held: { key: string; token: number }[];
};

const semaphoreLimit = 2;
const ttl = 40;

export type MadeHistory = { readonly history: LockHistory; readonly clients: number };

export function makeHistory(seed: number, clientsCount = 5, actions = 400): MadeHistory {
  const maker = new Maker(seed, clientsCount);
  for (let action = 0; action < actions; action += 1) maker.act();
  return { history: maker.end(), clients: clientsCount };
}

class Maker {
  readonly #random;
  readonly #clients: Client[] = [];
  readonly #calls: Call[] = [];
  readonly #records: LockRecord[] = [];
  readonly #deadlines: { session: number; at: number }[] = [];
  readonly #locks = new Map<string, Hold[]>();
  #now = 0;
  #token = 0;
  #sessions = 0;

  constructor(seed: number, clientsCount: number) {
    this.#random = seededRandom(seed);
    for (let index = 0; index < clientsCount; index += 1) this.#clients.push(this.#newClient());
  }

  act(): void {
    this.#now += 1;
    const pending = this.#calls.filter((call) => call.output === null);
    const done = this.#calls.filter((call) => call.output !== null && !call.isLost);
    const idle = this.#clients.filter((client) => client.call === null);
    const choice = this.#random.next();
    if (choice < 0.4 && idle.length > 0) this.#call(this.#random.pick(idle));
    else if (choice < 0.7 && pending.length > 0) this.#takeEffect(this.#random.pick(pending));
    else if (choice < 0.97 && done.length > 0) this.#return(this.#random.pick(done));
    else if (choice >= 0.99 && this.#calls.length > 0) this.#lose(this.#random.pick(this.#calls));
    this.#expire();
  }

  end(): LockHistory {
    for (const { record } of this.#calls) this.#records.push(record);
    return { records: this.#records, deadlines: this.#deadlines };
  }

  #call(client: Client): void {
    const held = client.held.length > 0 ? this.#random.pick(client.held) : null;
    const key = held?.key ?? this.#random.pick(['a', 'b']);
    const { session } = client;
    client.nextSequence += 1;
    const input: LockRecord['input'] =
      held !== null && this.#random.chance(0.7)
        ? this.#random.chance(0.8)
          ? { kind: 'release', session, token: held.token }
          : { kind: 'validate', token: held.token }
        : this.#random.chance(0.1)
          ? { kind: 'get' }
          : acquireOf(session, client.nextSequence, modeOf(key, this.#random.next()));
    const caller = `client ${this.#clients.indexOf(client)}`;
    const times = { calledAt: this.#now, returnedAt: null };
    const record: LockRecord = { caller, key, input, output: null, ...times };
    const call: Call = { record, output: null, client, isLost: false };
    client.call = call;
    this.#calls.push(call);
  }

  #takeEffect(call: Call): void {
    const { input, key } = call.record;
    const holds = this.#locks.get(key) ?? [];
    this.#locks.set(key, holds);
    switch (input.kind) {
      case 'acquire':
        if (this.#clients.every(({ session }) => session !== input.session)) return;
        call.output = this.#grant(holds, input);
        break;
      case 'release': {
        const hold = holds.find(({ token }) => token === input.token);
        if (hold === undefined) call.output = { kind: 'not-held' };
        else {
          hold.holdCount -= 1;
          call.output = { kind: 'released', holdCount: hold.holdCount };
          if (hold.holdCount === 0) holds.splice(holds.indexOf(hold), 1);
        }
        break;
      }
      case 'validate': {
        const valid = holds.some(({ token }) => token === input.token);
        call.output = { kind: 'validity', valid };
        break;
      }
      default:
        call.output = {
          kind: 'holders',
          holders: holds.map(({ session, token, holdCount }) => ({ session, token, holdCount })),
        };
    }
  }

  /** Null: it goes on waiting. */
  #grant(holds: Hold[], { session, mode, permits, sequence }: Acquire): LockOutput | null {
    const own = holds.find((hold) => hold.session === session);
    if (own?.mode === HoldMode.Shared && mode === HoldMode.Exclusive) {
      return { kind: 'mode-conflict' };
    }
    if (own !== undefined && mode !== HoldMode.Semaphore) {
      own.holdCount += 1;
      return { kind: 'granted', token: own.token, holdCount: own.holdCount };
    }
    const used = holds.reduce((sum, hold) => sum + hold.permits, 0);
    const isFree =
      holds.length === 0 ||
      (mode !== HoldMode.Exclusive &&
        holds.every((hold) => hold.mode === mode) &&
        (mode === HoldMode.Shared || used + permits <= semaphoreLimit));
    if (!isFree) return sequence % 3 === 0 ? { kind: 'held' } : null;
    this.#token += 1;
    holds.push({ session, token: this.#token, mode, permits, holdCount: 1 });
    return { kind: 'granted', token: this.#token, holdCount: 1 };
  }

  #return(call: Call): void {
    const { client, record, output } = call;
    this.#calls.splice(this.#calls.indexOf(call), 1);
    this.#records.push({ ...record, output, returnedAt: this.#now });
    client.call = null;
    const { input, key } = record;
    if (output?.kind === 'granted') client.held.push({ key, token: output.token });
    if (input.kind !== 'release') return;
    const place = client.held.findIndex(({ token }) => token === input.token);
    if (place !== -1) client.held.splice(place, 1);
  }

  /** The client hears nothing any more, and goes on under a new session. */
  #lose(call: Call): void {
    if (call.isLost) return;
    call.isLost = true;
    this.#deadlines.push({ session: call.client.session, at: this.#now + ttl });
    const place = this.#clients.indexOf(call.client);
    const gone = call.client;
    this.#clients[place] = this.#newClient();
    // Its session lives on at the service until it expires: what is under way may take effect.
    const clone: Client = { ...gone, call: null };
    this.#departed.push({ client: clone, expireAt: this.#now + ttl + this.#random.integer(0, 30) });
  }

  readonly #departed: { client: Client; expireAt: number }[] = [];

  #expire(): void {
    const due = this.#departed.filter(({ expireAt }) => expireAt < this.#now);
    for (const each of due) {
      this.#departed.splice(this.#departed.indexOf(each), 1);
      for (const [key, holds] of this.#locks) {
        this.#locks.set(
          key,
          holds.filter(({ session }) => session !== each.client.session),
        );
      }
    }
    // A lost operation takes effect late, while its session is still there.
    const lost = this.#calls.find((call) => call.isLost && call.output === null);
    const isAlive = this.#departed.some(
      ({ client }) => client.session === required(lost?.client.session ?? -1, 'session'),
    );
    if (lost === undefined || !isAlive || !this.#random.chance(0.1)) return;
    const { input, key } = lost.record;
    const holds = this.#locks.get(key) ?? [];
    this.#locks.set(key, holds);
    if (input.kind === 'acquire') lost.output = this.#grant(holds, input);
    else this.#takeEffect(lost);
  }

  #newClient(): Client {
    this.#sessions += 1;
    return { session: this.#sessions, nextSequence: 0, call: null, held: [] };
  }
}

function acquireOf(session: number, sequence: number, mode: HoldMode): Acquire {
  const isSemaphore = mode === HoldMode.Semaphore;
  const permits = isSemaphore ? 1 : 0;
  const limit = isSemaphore ? semaphoreLimit : 0;
  return { kind: 'acquire', session, sequence, mode, permits, limit };
}

/** Key a is a lock, key b a semaphore: in a, what one holds is only ever taken for more. */
function modeOf(key: string, drawn: number): HoldMode {
  if (key === 'b') return HoldMode.Semaphore;
  return drawn < 0.6 ? HoldMode.Exclusive : HoldMode.Shared;
}
