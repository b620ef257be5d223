import { AssertionError } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { next, operationType, type RequestEvent, type RequestState } from './machine.ts';
import { Operation, RequestStatus, RequestType } from './types.ts';

/** With room for two, both a free and a full queue are among the states. */
const openRevisionsMax = 2;

const eventsByColumn: Readonly<Record<string, RequestEvent>> = {
  create: accepted(Operation.Create),
  update: accepted(Operation.Update),
  scale: accepted(Operation.Scale),
  restart: accepted(Operation.Restart),
  pause: accepted(Operation.Pause),
  resume: accepted(Operation.Resume),
  rollback: accepted(Operation.Rollback),
  replay: accepted(Operation.Replay),
  delete: accepted(Operation.Delete),
  succeeded: { kind: 'revision-succeeded' },
  failed: { kind: 'revision-failed' },
  dead: { kind: 'revision-dead-lettered' },
  reopened: { kind: 'reopened' },
  dropped: { kind: 'dead-letter-dropped' },
};

/**
 * Every state against every event. A state is `type open=<n>` while CREATED, else `type status`; `!`
 * marks a move that asserts, other words in lower case are refusals. `changes` stands for update, scale, restart, pause,
 * resume and rollback, which must all do the same.
 */
const table = `
state          | create | changes       | replay            | delete        | succeeded      | failed         | dead          | reopened       | dropped
none           | CREATE open=1 | absent | absent            | absent        | !              | !              | !             | absent         | absent
CREATE open=1  | exists | UPDATE open=2 | not-dead-lettered | DELETE open=2 | CREATE SUCCESS | CREATE FAILURE | CREATE DEAD   | already-open   | not-dead-lettered
CREATE open=2  | exists | queue-full    | not-dead-lettered | queue-full    | CREATE open=1  | CREATE open=1  | CREATE open=1 | already-open   | not-dead-lettered
CREATE SUCCESS | exists | UPDATE open=1 | not-dead-lettered | DELETE open=1 | !              | !              | !             | CREATE open=1  | not-dead-lettered
CREATE FAILURE | exists | UPDATE open=1 | not-dead-lettered | DELETE open=1 | !              | !              | !             | failed         | not-dead-lettered
CREATE DEAD    | exists | UPDATE open=1 | CREATE open=1     | DELETE open=1 | !              | !              | !             | failed         | CREATE FAILURE
UPDATE open=1  | exists | UPDATE open=2 | not-dead-lettered | DELETE open=2 | UPDATE SUCCESS | UPDATE FAILURE | UPDATE DEAD   | already-open   | not-dead-lettered
UPDATE open=2  | exists | queue-full    | not-dead-lettered | queue-full    | UPDATE open=1  | UPDATE open=1  | UPDATE open=1 | already-open   | not-dead-lettered
UPDATE SUCCESS | exists | UPDATE open=1 | not-dead-lettered | DELETE open=1 | !              | !              | !             | UPDATE open=1  | not-dead-lettered
UPDATE FAILURE | exists | UPDATE open=1 | not-dead-lettered | DELETE open=1 | !              | !              | !             | failed         | not-dead-lettered
UPDATE DEAD    | exists | UPDATE open=1 | UPDATE open=1     | DELETE open=1 | !              | !              | !             | failed         | UPDATE FAILURE
DELETE open=1  | exists | deleting      | not-dead-lettered | deleting      | DELETE SUCCESS | DELETE FAILURE | DELETE DEAD   | already-open   | not-dead-lettered
DELETE open=2  | exists | deleting      | not-dead-lettered | deleting      | DELETE open=1  | DELETE open=1  | DELETE open=1 | already-open   | not-dead-lettered
DELETE SUCCESS | exists | deleting      | not-dead-lettered | deleting      | !              | !              | !             | DELETE open=1  | not-dead-lettered
DELETE FAILURE | exists | UPDATE open=1 | not-dead-lettered | DELETE open=1 | !              | !              | !             | failed         | not-dead-lettered
DELETE DEAD    | exists | UPDATE open=1 | DELETE open=1     | DELETE open=1 | !              | !              | !             | failed         | DELETE FAILURE
`;

describe('request machine', () => {
  const rows = parseTable(table);

  it('has a row for every state and a column for every event', () => {
    expect([...rows.keys()].sort()).toEqual(allStates().map(nameState).sort());
    for (const [name, cells] of rows) {
      expect([name, ...[...cells.keys()].sort()]).toEqual([
        name,
        ...Object.keys(eventsByColumn).sort(),
      ]);
    }
    const covered = Object.values(eventsByColumn).map((event) =>
      event.kind === 'accepted' ? event.operation : event.kind,
    );
    expect(new Set(covered).size).toBe(Object.keys(eventsByColumn).length);
    expect(covered).toEqual(expect.arrayContaining(Object.values(Operation)));
  });

  for (const state of allStates()) {
    it(`moves from ${nameState(state)} as the table says`, () => {
      const row = rows.get(nameState(state));
      for (const [column, event] of Object.entries(eventsByColumn)) {
        expect(`${column}: ${outcome(state, event)}`).toBe(`${column}: ${row?.get(column)}`);
      }
    });
  }

  it('refuses to go on from a state that cannot be', () => {
    const base = { type: RequestType.Create, deadLettered: false } as const;
    const impossible: readonly RequestState[] = [
      { ...base, status: RequestStatus.Created, openRevisions: 0 },
      { ...base, status: RequestStatus.Success, openRevisions: 1 },
      { ...base, status: RequestStatus.Success, openRevisions: 0, deadLettered: true },
    ];
    for (const state of impossible) {
      expect(() => next(state, { kind: 'reopened' })).toThrow(AssertionError);
    }
  });

  it('never ends twice: as many ends as accepted revisions lead back to an ended request', () => {
    const created = required(next(null, accepted(Operation.Create)));
    const queued = required(next(created, accepted(Operation.Update)));
    const once = required(next(queued, { kind: 'revision-dead-lettered' }));
    const twice = required(next(once, { kind: 'revision-succeeded' }));
    expect(twice).toEqual({
      type: 'UPDATE',
      status: 'SUCCESS',
      deadLettered: false,
      openRevisions: 0,
    });
    expect(() => next(twice, { kind: 'revision-succeeded' })).toThrow(AssertionError);
  });
});

describe('operationType', () => {
  it('maps every operation to what the request asks for', () => {
    const types = Object.values(Operation).map((operation) => [
      operation,
      operationType(operation, RequestType.Delete),
    ]);
    expect(Object.fromEntries(types)).toEqual({
      CREATE: 'CREATE',
      UPDATE: 'UPDATE',
      SCALE: 'UPDATE',
      RESTART: 'UPDATE',
      PAUSE: 'UPDATE',
      RESUME: 'UPDATE',
      ROLLBACK: 'UPDATE',
      REPLAY: 'DELETE',
      DELETE: 'DELETE',
    });
  });
});

function accepted(operation: Operation): RequestEvent {
  return { kind: 'accepted', operation, openRevisionsMax };
}

function allStates(): readonly (RequestState | null)[] {
  return [null, ...Object.values(RequestType).flatMap(statesOf)];
}

function statesOf(type: RequestType): readonly RequestState[] {
  const open = { type, status: RequestStatus.Created, deadLettered: false };
  const ended = { type, deadLettered: false, openRevisions: 0 };
  return [
    { ...open, openRevisions: 1 },
    { ...open, openRevisions: openRevisionsMax },
    { ...ended, status: RequestStatus.Success },
    { ...ended, status: RequestStatus.Failure },
    { ...ended, status: RequestStatus.Failure, deadLettered: true },
  ];
}

function nameState(state: RequestState | null): string {
  if (state === null) return 'none';
  if (state.openRevisions > 0) return `${state.type} open=${state.openRevisions}`;
  return `${state.type} ${state.deadLettered ? 'DEAD' : state.status}`;
}

function outcome(state: RequestState | null, event: RequestEvent): string {
  try {
    const moved = next(state, event);
    return moved.ok ? nameState(moved.value) : moved.error.reason;
  } catch (error) {
    if (error instanceof AssertionError) return '!';
    throw error;
  }
}

function required(result: ReturnType<typeof next>): RequestState {
  if (!result.ok) throw new Error(`refused: ${result.error.reason}`);
  return result.value;
}

function parseTable(text: string): Map<string, Map<string, string>> {
  const [header = [], ...lines] = text
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const changes = ['update', 'scale', 'restart', 'pause', 'resume', 'rollback'];
  return new Map(
    lines.map((cells) => [
      cells[0] ?? '',
      new Map(
        header.slice(1).flatMap((column, index) => {
          const cell = cells[index + 1] ?? '';
          const columns = column === 'changes' ? changes : [column];
          return columns.map((name) => [name, cell] as const);
        }),
      ),
    ]),
  );
}
