/**
 * Tokens of all locks come from one counter: none is issued twice, and a grant that was known
 * before another was asked for has the smaller one.
 */
import type { LockRecord } from './types.ts';

type Grant = {
  readonly holder: string;
  readonly token: number;
  readonly calledAt: number;
  readonly returnedAt: number;
  /** It may have counted a hold up whose own grant got lost: its token may be older. */
  readonly mayBeOlder: boolean;
};

/** What is wrong, for people; sorted. */
export function checkTokens(records: readonly LockRecord[]): readonly string[] {
  const grants = firstGrants(records);
  return [...issuedTwice(grants), ...issuedTooLate(grants)].sort();
}

/** Without those that only count a hold up: they show the token of the grant before. */
function firstGrants(records: readonly LockRecord[]): readonly Grant[] {
  const byHold = new Map<string, Grant>();
  const unsure = new Set(
    records.flatMap(({ key, input, output }) =>
      input.kind === 'acquire' && output === null ? [holderOf(input.session, key)] : [],
    ),
  );
  for (const { key, input, output, calledAt, returnedAt } of records) {
    if (input.kind !== 'acquire' || output?.kind !== 'granted' || returnedAt === null) continue;
    const holder = holderOf(input.session, key);
    const mayBeOlder = unsure.has(holder) || (output.holdCount ?? 1) > 1;
    const name = `${output.token}/${holder}`;
    const earlier = byHold.get(name);
    if (earlier !== undefined && earlier.calledAt <= calledAt) continue;
    byHold.set(name, { holder, token: output.token, calledAt, returnedAt, mayBeOlder });
  }
  return [...byHold.values()];
}

function issuedTwice(grants: readonly Grant[]): readonly string[] {
  const holders = new Map<number, string>();
  return grants.flatMap(({ token, holder }) => {
    const other = holders.get(token);
    holders.set(token, holder);
    return other === undefined ? [] : [`token ${token} was issued to ${other} and to ${holder}`];
  });
}

function issuedTooLate(grants: readonly Grant[]): readonly string[] {
  const byReturn = grants.toSorted((left, right) => left.returnedAt - right.returnedAt);
  const byCall = grants.toSorted((left, right) => left.calledAt - right.calledAt);
  const problems: string[] = [];
  let place = 0;
  let highest: Grant | null = null;
  for (const grant of byCall) {
    for (let next = byReturn[place]; next !== undefined; next = byReturn[place]) {
      if (next.returnedAt >= grant.calledAt) break;
      if (highest === null || next.token > highest.token) highest = next;
      place += 1;
    }
    if (highest === null || grant.token >= highest.token || grant.mayBeOlder) continue;
    problems.push(
      `token ${grant.token} was issued to ${grant.holder} after token ${highest.token} was known`,
    );
  }
  return problems;
}

function holderOf(session: number, key: string): string {
  return `session ${session} on ${key}`;
}
