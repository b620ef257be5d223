/** List: a page of locks, found in slices so that no turn of the event loop takes long. */
import { create } from '@bufbuild/protobuf';
import { LockCode, LockScope } from '@windlass/lock-wire';
import { type ListRequest, type ListResponse, ListResponseSchema } from '@windlass/proto/lock/v1';
import { LockFailure } from '../node/lock-failure.ts';
import type { CallContext, LockCalls } from './lock-calls.ts';
import { lockOf, scopeOf, unexpected } from './lock-messages.ts';

const pageSizeDefault = 100;
const pageSizeMax = 1_000;

/** Records looked at in one turn: about a millisecond of work. */
const sliceRecords = 5_000;

export async function listLocks(
  calls: LockCalls,
  request: ListRequest,
  context: CallContext,
): Promise<ListResponse> {
  const { pageSize, pageToken, prefix } = request;
  if (scopeOf(request.scope) === LockScope.Global) {
    throw new LockFailure(LockCode.Unimplemented, 'scope: GLOBAL is not served here');
  }
  if (pageSize > pageSizeMax) {
    throw new LockFailure(LockCode.Invalid, `page_size: ${pageSize}; at most ${pageSizeMax}`);
  }
  const afterKey = keyOf(pageToken);
  const limit = pageSize === 0 ? pageSizeDefault : pageSize;
  const answer = await calls.ask({ kind: 'barrier' }, context);
  if (answer.kind !== 'barrier') throw unexpected(answer);
  const scan = calls.member().node.replica.machine.scan(prefix, afterKey, limit);
  let page = scan.step(sliceRecords);
  while (page === null) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    context.signal.throwIfAborted();
    page = scan.step(sliceRecords);
  }
  const last = page.length < limit ? undefined : page.at(-1);
  return create(ListResponseSchema, {
    locks: page.map((view) => lockOf(view.key, view)),
    nextPageToken: last === undefined ? '' : Buffer.from(last.key).toString('base64url'),
    index: BigInt(answer.index),
  });
}

/** The page before ended with this key. */
function keyOf(pageToken: string): string {
  const key = Buffer.from(pageToken, 'base64url').toString('utf8');
  if (Buffer.from(key).toString('base64url') === pageToken) return key;
  throw new LockFailure(LockCode.Invalid, 'page_token: is not one of ours');
}
