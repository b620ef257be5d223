/**
 * Is a history linearizable? Just-in-time linearization: the events are gone through in order, with
 * the set of all configurations that explain them so far; at a return, the operation must have
 * taken effect, and others that are under way may have done so before it (Wing and Gong, "Testing
 * and verifying concurrent objects", 1993; Lowe, "Testing for linearizability", 2017, whose
 * memoised configurations these are). A set instead of a depth-first search makes the first
 * inexplicable prefix known exactly.
 */
import { assert, required } from '@windlass/base';
import { type Configuration, ConfigurationSet, type Path, withNumber } from './configurations.ts';
import type { CheckLimits, Model, Operation, Verdict, Violation } from './types.ts';

/** Some seconds of work: histories that need more aren't what this is for. */
export const defaultCheckLimits: CheckLimits = { stepsMax: 5_000_000 };

type Event = { readonly at: number; readonly isReturn: boolean; readonly operation: number };

/** Operations in any order. Equal times count as overlapping. */
export function checkLinearizability<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  limits: CheckLimits = defaultCheckLimits,
): Verdict<State, Input, Output> {
  const search = new Search(model, operations, limits);
  let returned = 0;
  for (const event of eventsOf(operations)) {
    if (!event.isReturn) {
      search.call(event.operation);
      continue;
    }
    const { steps } = search;
    switch (search.return(event.operation)) {
      case 'explained':
        returned += 1;
        break;
      case 'inexplicable':
        return {
          kind: 'violation',
          steps: search.steps,
          violation: search.violation(event.operation, returned + 1),
        };
      case 'limit':
        return { kind: 'unknown', steps, prefixLength: returned };
    }
  }
  return { kind: 'linearizable', steps: search.steps };
}

class Search<State, Input, Output> {
  steps = 0;
  readonly #model: Model<State, Input, Output>;
  readonly #operations: readonly Operation<Input, Output>[];
  readonly #limits: CheckLimits;
  /** Called and not returned, with an output to come; in the order of the calls. */
  readonly #pending = new Set<number>();
  /** Called, output unknown, not known to have taken effect in every explanation. */
  readonly #open = new Set<number>();
  #frontier: Configuration<State>[];
  /** The most that could be explained at the newest return; for people. */
  #longest: Configuration<State>;

  constructor(
    model: Model<State, Input, Output>,
    operations: readonly Operation<Input, Output>[],
    limits: CheckLimits,
  ) {
    this.#model = model;
    this.#operations = operations;
    this.#limits = limits;
    this.#longest = { state: model.initial, early: [], used: [], path: null };
    this.#frontier = [this.#longest];
  }

  call(number: number): void {
    const operation = this.#operation(number);
    if (operation.returnedAt !== null) this.#pending.add(number);
    else if (!this.#model.isRead(operation.input, null)) this.#open.add(number);
  }

  return(number: number): 'explained' | 'inexplicable' | 'limit' {
    const target = this.#operation(number);
    const next = new ConfigurationSet<State>(this.#model.key);
    const seen = new ConfigurationSet<State>(this.#model.key);
    const waiting = this.#frontier.map((configuration) => this.#placeReads(configuration));
    for (const configuration of waiting) seen.add(configuration);
    this.#longest = required(waiting[0], 'a configuration');
    for (let current = waiting.pop(); current !== undefined; current = waiting.pop()) {
      if (this.steps > this.#limits.stepsMax) return 'limit';
      if (current.early.includes(number)) {
        next.add({ ...current, early: current.early.filter((other) => other !== number) });
        continue;
      }
      const state = this.#step(current.state, target);
      if (state !== null) {
        next.add({ ...current, state, path: { operation: number, before: current.path } });
      }
      for (const successor of this.#successors(current, number, target)) {
        if (!seen.add(successor)) continue;
        waiting.push(successor);
        if (isLonger(successor, this.#longest)) this.#longest = successor;
      }
    }
    const frontier = next.values();
    if (frontier.length === 0) return 'inexplicable';
    this.#pending.delete(number);
    this.#frontier = this.#settled(frontier);
    return 'explained';
  }

  violation(number: number, prefixLength: number): Violation<State, Input, Output> {
    const concurrent = [...this.#pending, ...this.#open]
      .filter((other) => other !== number)
      .map((other) => this.#operation(other))
      .sort((left, right) => left.calledAt - right.calledAt);
    return {
      prefixLength,
      failed: this.#operation(number),
      concurrent,
      linearization: numbersOf(this.#longest.path).map((each) => this.#operation(each)),
      state: this.#longest.state,
    };
  }

  /** What one more operation under way, other than the target, gives. */
  *#successors(
    current: Configuration<State>,
    number: number,
    target: Operation<Input, Output>,
  ): Generator<Configuration<State>> {
    for (const other of this.#pending) {
      if (other === number || current.early.includes(other)) continue;
      const state = this.#step(current.state, this.#operation(other));
      if (state === null) continue;
      const path = { operation: other, before: current.path };
      yield this.#placeReads({ ...current, state, early: withNumber(current.early, other), path });
    }
    for (const other of this.#open) {
      if (current.used.includes(other)) continue;
      const operation = this.#operation(other);
      if (!this.#model.mayMatter(current.state, operation.input, target)) continue;
      const state = this.#step(current.state, operation);
      if (state === null) continue;
      const path = { operation: other, before: current.path };
      yield this.#placeReads({ ...current, state, used: withNumber(current.used, other), path });
    }
  }

  /** Reads under way that this state explains: placing them here never forbids anything later. */
  #placeReads(configuration: Configuration<State>): Configuration<State> {
    let placed = configuration;
    for (const number of this.#pending) {
      const operation = this.#operation(number);
      if (!this.#model.isRead(operation.input, operation.output)) continue;
      if (placed.early.includes(number)) continue;
      if (this.#step(placed.state, operation) === null) continue;
      placed = {
        ...placed,
        early: withNumber(placed.early, number),
        path: { operation: number, before: placed.path },
      };
    }
    return placed;
  }

  /** With one explanation left, what it used is certain: it needn't be looked at any more. */
  #settled(frontier: Configuration<State>[]): Configuration<State>[] {
    const [only] = frontier;
    if (frontier.length > 1 || only === undefined || only.used.length === 0) return frontier;
    for (const number of only.used) this.#open.delete(number);
    return [{ ...only, used: [] }];
  }

  #step(state: State, operation: Operation<Input, Output>): State | null {
    this.steps += 1;
    return this.#model.step(state, operation.input, operation.output);
  }

  #operation(number: number): Operation<Input, Output> {
    return required(this.#operations[number], 'operation');
  }
}

function eventsOf(operations: readonly Operation<unknown, unknown>[]): readonly Event[] {
  const events = operations.flatMap(({ calledAt, returnedAt, output }, operation): Event[] => {
    assert((returnedAt === null) === (output === null), 'returned exactly with an output');
    assert(returnedAt === null || calledAt <= returnedAt, 'called before it returned');
    const call = { at: calledAt, isReturn: false, operation };
    return returnedAt === null ? [call] : [call, { at: returnedAt, isReturn: true, operation }];
  });
  return events.sort(
    (left, right) => left.at - right.at || Number(left.isReturn) - Number(right.isReturn),
  );
}

function isLonger(left: Configuration<unknown>, right: Configuration<unknown>): boolean {
  return left.early.length + left.used.length > right.early.length + right.used.length;
}

function numbersOf(path: Path | null): readonly number[] {
  const numbers: number[] = [];
  for (let place = path; place !== null; place = place.before) numbers.push(place.operation);
  return numbers.reverse();
}
