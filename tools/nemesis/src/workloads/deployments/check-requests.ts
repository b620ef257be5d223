/**
 * Were the promises kept, as far as PostgreSQL and the API tell? Pure: from the ledger and a snapshot
 * to what is broken.
 */
import type { Violation } from '../workload.ts';
import { difference } from './intent.ts';
import type { Ledger, Promised } from './ledger.ts';
import type { RevisionRow, Snapshot } from './snapshot.ts';

/** @param setBack deployments that a late write set back, as the watch of the cluster saw it */
export function checkRequests(
  ledger: Ledger,
  snapshot: Snapshot,
  setBack: ReadonlySet<string>,
): readonly Violation[] {
  return [
    ...ledger.incidents,
    ...unanswered(ledger),
    ...lost(ledger, snapshot),
    ...doubled(ledger, snapshot),
    ...repeated(snapshot, setBack),
    ...stuck(snapshot),
    ...failures(snapshot),
    ...outOfOrder(snapshot),
    ...audit(snapshot),
    ...outbox(snapshot),
  ];
}

function unanswered({ unanswered: calls }: Ledger): readonly Violation[] {
  return [...calls].map(([key, { identifier, operation }]) => ({
    rule: 'unanswered',
    subject: identifier,
    detail: `${operation} has had no answer, in spite of repetitions`,
    fields: { key },
  }));
}

/** Each promise has its key, and the key's revision wants what was asked for. */
function lost({ promised }: Ledger, snapshot: Snapshot): readonly Violation[] {
  const keys = new Map(snapshot.keys.map((row) => [`${row.userId} ${row.key}`, row.revision]));
  const revisions = revisionsByName(snapshot);
  const requests = new Set(snapshot.requests.map(({ id }) => id));
  return promised.flatMap((promise) => {
    const { userId, identifier, key, operation, requestId, status, revision, after } = promise;
    const violation = (rule: string, detail: string): readonly Violation[] => [
      { rule, subject: identifier, detail, fields: { ...promise } },
    ];
    if (!requests.has(requestId)) return violation('lost', `request ${requestId} isn't there`);
    const kept = keys.get(`${userId} ${key}`);
    if (kept === undefined) return violation('lost', `nothing is kept under the id ${key}`);
    // Only the call that queued it was told its own revision for certain.
    if (status === 202 && kept !== revision) {
      return violation('changed', `revision ${revision} was promised, ${kept} is kept`);
    }
    const row = revisions.get(`${identifier} ${kept}`);
    if (row === undefined) return violation('lost', `revision ${kept} isn't there`);
    const isDeletion = row.operation === 'DELETE';
    const differs = after === null || isDeletion ? null : difference(after, row.intent);
    if (isDeletion !== (after === null) || differs !== null) {
      const what = differs ?? `it is a ${row.operation}, not a ${operation}`;
      return violation('changed', `revision ${kept} wants something else: ${what}`);
    }
    return [];
  });
}

function revisionsByName({ revisions }: Snapshot): ReadonlyMap<string, RevisionRow> {
  return new Map(revisions.map((row) => [`${row.identifier} ${row.revision}`, row]));
}

/** Nothing was made that nobody asked for, and nothing twice. */
function doubled(ledger: Ledger, snapshot: Snapshot): readonly Violation[] {
  const violations: Violation[] = [];
  for (const [key, rows] of grouped(snapshot.requests, (row) => `${row.userId} ${row.key}`)) {
    if (rows.length < 2) continue;
    violations.push({
      rule: 'doubled',
      subject: rows[0]?.identifier ?? '',
      detail: `${rows.length} requests under the one id ${key}`,
      fields: { ids: rows.map(({ id }) => id) },
    });
  }
  const repeats = repeatedBySystem(snapshot);
  const wished = grouped(ledger.promised, ({ identifier }) => identifier);
  const open = grouped([...ledger.unanswered.values()], ({ identifier }) => identifier);
  for (const [identifier, rows] of grouped(snapshot.revisions, (row) => row.identifier)) {
    const asked = rows.filter((row) => !repeats.has(`${identifier} ${row.revision}`)).length;
    const promises = wished.get(identifier) ?? [];
    const perhaps = open.get(identifier)?.length ?? 0;
    if (asked <= promises.length + perhaps) continue;
    violations.push({
      rule: 'doubled',
      subject: identifier,
      detail: `${asked} revisions were made from ${promises.length} accepted calls`,
      fields: { revisions: rows.map(({ revision, operation }) => `${revision} ${operation}`) },
    });
  }
  return violations;
}

/** Revisions that the platform made by itself, when the cluster showed an older state. */
function repeatedBySystem({ audit: entries }: Snapshot): ReadonlySet<string> {
  const own = entries.filter(({ action }) => action === 'request.reopen');
  return new Set(own.map(({ target, revision }) => `${target} ${revision}`));
}

/** The platform does a revision again only where the cluster was set back. */
function repeated(
  { audit: entries }: Snapshot,
  setBack: ReadonlySet<string>,
): readonly Violation[] {
  const needless = entries.filter(
    ({ action, target }) => action === 'request.reopen' && !setBack.has(target),
  );
  return needless.map((entry) => ({
    rule: 'repeated',
    subject: entry.target,
    detail: `revision ${entry.revision} repeats the one before, and nothing had set it back`,
    fields: { ...entry },
  }));
}

function stuck({ requests, revisions }: Snapshot): readonly Violation[] {
  const open = revisions.filter(({ status }) => status === 'OPEN');
  const created = requests.filter(({ status }) => status === 'CREATED');
  return [
    ...open.map((row) => ({
      rule: 'stuck',
      subject: row.identifier,
      detail: `revision ${row.revision} (${row.operation}) is still open`,
      fields: { ...row },
    })),
    ...created
      .filter(({ identifier }) => !open.some((row) => row.identifier === identifier))
      .map((row) => ({
        rule: 'stuck',
        subject: row.identifier,
        detail: 'the request is still CREATED, though no revision is open',
        fields: { ...row },
      })),
  ];
}

/** Everything that is asked for is right, so only the dead letters are a reason to fail. */
function failures(snapshot: Snapshot): readonly Violation[] {
  const newestOf = new Map(snapshot.requests.map((row) => [row.id, row]));
  return snapshot.revisions.flatMap((row) => {
    if (row.status !== 'FAILURE') return [];
    const violation = (rule: string, detail: string): readonly Violation[] => [
      { rule, subject: row.identifier, detail, fields: { ...row } },
    ];
    const name = `revision ${row.revision} (${row.operation})`;
    if (row.errorCode === null || row.errorMessage === null) {
      return violation('no-reason', `${name} failed and doesn't say why`);
    }
    const request = newestOf.get(row.requestId);
    const isListed = snapshot.deadLetters.has(`${row.requestId} ${row.revision}`);
    if (isListed) return [];
    if (request?.revision === row.revision && request.deadLettered) {
      return violation('dead-letter-missing', `${name} isn't in /dead-letters`);
    }
    return violation('refused', `${name} failed though it is right: ${row.errorMessage}`);
  });
}

function outOfOrder({ revisions }: Snapshot): readonly Violation[] {
  const violations: Violation[] = [];
  for (const [identifier, rows] of grouped(revisions, (row) => row.identifier)) {
    const sorted = rows.toSorted((left, right) => left.revision - right.revision);
    for (const [index, row] of sorted.entries()) {
      const before = sorted[index - 1];
      if (before === undefined || row.endedAtMs === null) continue;
      if (before.endedAtMs !== null && before.endedAtMs <= row.endedAtMs) continue;
      violations.push({
        rule: 'order',
        subject: identifier,
        detail: `revision ${row.revision} ended before revision ${before.revision}`,
        fields: { earlier: before, later: row },
      });
    }
  }
  return violations;
}

/** One entry for each revision, and none for what isn't one. */
function audit(snapshot: Snapshot): readonly Violation[] {
  const name = (target: string, revision: number) => `${target} ${revision}`;
  const entries = grouped(snapshot.audit, (row) => name(row.target, row.revision));
  const made = new Set(snapshot.revisions.map((row) => name(row.identifier, row.revision)));
  const wrong = [...made].filter((each) => (entries.get(each)?.length ?? 0) !== 1);
  const unknown = [...entries.keys()].filter((each) => !made.has(each));
  return [...wrong, ...unknown].map((each) => ({
    rule: 'audit',
    subject: each.split(' ')[0] ?? each,
    detail: `revision ${each.split(' ')[1]} has ${entries.get(each)?.length ?? 0} audit entries`,
    fields: { isRevision: made.has(each), entries: entries.get(each) ?? [] },
  }));
}

function outbox({ unsentOutbox }: Snapshot): readonly Violation[] {
  if (unsentOutbox === 0) return [];
  const detail = `${unsentOutbox} rows are not sent`;
  return [{ rule: 'outbox', subject: 'outbox', detail, fields: {} }];
}

export function grouped<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** Promises that were kept or not, by how the revision ended; for the summary. */
export function revisionsByStatus(
  promised: readonly Promised[],
  { revisions, deadLetters }: Pick<Snapshot, 'revisions' | 'deadLetters'>,
) {
  const ended = (status: string) => revisions.filter((row) => row.status === status);
  const dead = ended('FAILURE').filter((row) =>
    deadLetters.has(`${row.requestId} ${row.revision}`),
  );
  return {
    accepted: promised.length,
    succeeded: ended('SUCCESS').length,
    failed: ended('FAILURE').length,
    deadLettered: dead.length,
    open: ended('OPEN').length,
  };
}
