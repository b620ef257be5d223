/** Lists, item by item: pages are fetched as they are needed. */
import { type Answered, bodyOf, type CallPaths, type Calls } from './calls.ts';

type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null };

type Get<Path extends keyof CallPaths> = CallPaths[Path] extends { get: infer Operation }
  ? Operation
  : never;

type PageOf<Path extends keyof CallPaths> =
  Get<Path> extends { responses: { 200: { content: { 'application/json': infer Body } } } }
    ? Body
    : never;

/** The API's lists. */
export type ListPath = {
  [Path in keyof CallPaths]: [PageOf<Path>] extends [never]
    ? never
    : PageOf<Path> extends Page<unknown>
      ? Path
      : never;
}[keyof CallPaths];

export type ListItem<Path extends ListPath> = PageOf<Path> extends Page<infer Item> ? Item : never;

type QueryOf<Path extends ListPath> =
  Get<Path> extends { parameters: { query?: infer Query } }
    ? Omit<NonNullable<Query>, 'cursor'>
    : never;

export type ListOptions<Path extends ListPath> = {
  /** Filters, and `limit`: how many items come per page. */
  readonly query?: QueryOf<Path>;
  readonly signal?: AbortSignal;
} & (Get<Path> extends { parameters: { path: infer Path } }
  ? { readonly path: Path }
  : { readonly path?: never });

/** Options may be left out where the path has no parameter. */
export type ListArguments<Path extends ListPath> =
  {} extends ListOptions<Path> ? [options?: ListOptions<Path>] : [options: ListOptions<Path>];

type GetPage = (
  path: ListPath,
  init: { readonly params: object; readonly signal?: AbortSignal },
) => Promise<Answered<Page<unknown>>>;

/** @throws ApiProblem, ApiUnreachable in the midst of it; what was given out before stands */
export function listItems<Path extends ListPath>(
  calls: Calls,
  path: Path,
  ...options: ListArguments<Path>
): AsyncGenerator<ListItem<Path>, void, undefined>;
export async function* listItems(
  calls: Calls,
  listPath: ListPath,
  options: { readonly path?: object; readonly query?: object; readonly signal?: AbortSignal } = {},
): AsyncGenerator<unknown, void, undefined> {
  const { path, query, signal } = options;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript can't call it by a union of paths; the overload has the types
  const getPage = calls.GET as unknown as GetPage;
  let cursor: string | null = null;
  do {
    const params: object = { path, query: { ...query, ...(cursor === null ? {} : { cursor }) } };
    const call = getPage(listPath, { params, ...(signal === undefined ? {} : { signal }) });
    const page: Page<unknown> = await bodyOf(call);
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}
