/**
 * Reads the feed without gaps. Ids alone would leave gaps: a transaction may take an id early and commit
 * it late, after a reader has passed it. So a row carries its transaction's number, the order is (txid,
 * id), and a reader sees only transactions older than every one that still runs: nothing can come up
 * behind it any more.
 *
 * An id of the feed is `<txid>-<id>`. One that means "all transactions below N were read" is `N-0`.
 */
import { required } from '@windlass/base';
import type { Postgres } from '../connect.ts';
import { query, type Statement } from '../query.ts';
import type { ActivityRecord, ActivityType, DeploymentStore, Scope } from './contract.ts';

type Filter = Parameters<DeploymentStore['readActivity']>[1];
type Feed = Awaited<ReturnType<DeploymentStore['readActivity']>>;

/** gap: rows after `afterId` were pruned, or the id isn't one of this database's feed. */
export async function readActivity(
  { pool }: Postgres,
  scope: Scope,
  filter: Filter,
  afterId: string | null,
  limit: number,
): Promise<Feed> {
  const after = afterId === null ? null : parseId(afterId);
  const rows = await query<FeedRow>(pool, feedStatement, [
    after?.txid ?? null,
    after?.id ?? null,
    scope.userId,
    filter.request?.toLowerCase() ?? null,
    filter.identifier ?? null,
    limit,
  ]);
  const { end, pruned, future } = required(rows[0], "the feed's bounds");
  if (after === null) return { items: [], lastId: `${end}-0`, gap: afterId !== null };
  if (future) return { items: [], lastId: `${end}-0`, gap: true };
  const items = rows.flatMap((row) => (row.txid === null ? [] : [activityRecord(row)]));
  const last = items.at(-1);
  const more = items.length === limit && last !== undefined;
  return { items, lastId: more ? last.id : `${end}-0`, gap: pruned };
}

/** xid8 goes up to 2^64, bigint to 2^63; what is longer is no id of ours. */
function parseId(text: string): { readonly txid: string; readonly id: string } | null {
  const [, txid, id] = /^(\d{1,19})-(\d{1,18})$/.exec(text) ?? [];
  return txid === undefined || id === undefined ? null : { txid, id };
}

type FeedRow = {
  readonly end: string;
  readonly pruned: boolean;
  readonly future: boolean;
  readonly txid: string | null;
  readonly id: string;
  readonly userId: string;
  readonly identifier: string;
  readonly request: string | null;
  readonly type: ActivityType;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: Date;
};

function activityRecord(row: FeedRow): ActivityRecord {
  return {
    id: `${row.txid}-${row.id}`,
    userId: row.userId,
    identifier: row.identifier,
    request: row.request,
    type: row.type,
    data: row.data,
    at: row.at,
  };
}

/** One snapshot for the bounds and the rows. Always gives a row; its txid is null where none is new. */
const feedStatement: Statement = {
  name: 'read_activity',
  text: `
SELECT b."end", b.pruned, b.future, a.*
  FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS "end",
               coalesce(($1::xid8, $2::bigint) < (h.txid, h.id), false) AS pruned,
               coalesce($1::xid8 > pg_snapshot_xmax(pg_current_snapshot()), false) AS future
          FROM activity_horizon h) b
  LEFT JOIN LATERAL (
    SELECT a.txid, a.id, a.user_id AS "userId", a.identifier, a.request_id AS request, a.type,
           a.data, a.at
      FROM activity a
     WHERE (a.txid, a.id) > ($1::xid8, $2::bigint)
       AND a.txid < b."end"
       AND ($3::text IS NULL OR a.user_id = $3)
       AND ($4::text IS NULL OR a.request_id::text = $4)
       AND ($5::text IS NULL OR a.identifier = $5)
     ORDER BY a.txid, a.id
     LIMIT $6
  ) a ON true
 ORDER BY a.txid, a.id`,
};
