/** A whole list, page by page: one snapshot, however many pages it has. */
import { type ListSelection, listRequest } from './calls.ts';
import { classifyKubeError } from './error-table.ts';
import type { ExchangeLimits } from './http-exchange.ts';
import { type CallSubject, errorWithoutAnswer, NoAnswer } from './kube-error.ts';
import { listRestartsMax, pageLimit, pagesMax } from './limits.ts';
import type { KubeList, KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';
import { parseAnswer, type Transport } from './transport.ts';

export type PageReader<Kind extends KubeObject> = {
  /** A snapshot begins: once, and again where its continue token expired under way. */
  readonly begin: (resourceVersion: string) => void;
  readonly page: (items: readonly Kind[]) => void;
};

export type ListOptions = ListSelection & {
  readonly metadataOnly: boolean;
  /** More objects than this fail the list. */
  readonly itemsMax: number;
};

/**
 * Reads all pages; each has the limits to itself.
 *
 * @returns the snapshot's resource version
 * @throws {KubeError} reason AnswerTooLarge where there are more than itemsMax objects
 */
export async function readPages<Kind extends KubeObject>(
  transport: Transport,
  resource: Resource<Kind>,
  options: ListOptions,
  limits: ExchangeLimits,
  reader: PageReader<Kind>,
): Promise<string> {
  for (let restarts = 0; ; restarts += 1) {
    try {
      return await readSnapshot(transport, resource, options, limits, reader);
    } catch (error) {
      if (restarts >= listRestartsMax || classifyKubeError(error) !== 'gone') throw error;
    }
  }
}

async function readSnapshot<Kind extends KubeObject>(
  transport: Transport,
  resource: Resource<Kind>,
  options: ListOptions,
  limits: ExchangeLimits,
  reader: PageReader<Kind>,
): Promise<string> {
  let token: string | null = null;
  let count = 0;
  let resourceVersion: string | null = null;
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const page: KubeList<Kind> = await readPage(transport, resource, options, limits, {
      limit: pageLimit,
      continue: token,
    });
    if (resourceVersion === null) {
      resourceVersion = page.resourceVersion;
      reader.begin(resourceVersion);
    }
    count += page.items.length;
    if (count > options.itemsMax) break;
    reader.page(page.items);
    if (page.continue === null) return resourceVersion;
    token = page.continue;
  }
  const { plural, kind } = resource;
  const subject: CallSubject = { verb: 'list', resource: plural, kind, target: '' };
  const message = `more than ${options.itemsMax} objects or ${pagesMax} pages`;
  throw errorWithoutAnswer(subject, NoAnswer.AnswerTooLarge, message);
}

type ListAnswer<Kind> = {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly Kind[] | null;
};

export async function readPage<Kind extends KubeObject>(
  transport: Transport,
  resource: Resource<Kind>,
  options: ListSelection & { readonly metadataOnly: boolean },
  limits: ExchangeLimits,
  page: { readonly limit: number; readonly continue: string | null },
): Promise<KubeList<Kind>> {
  const { metadataOnly } = options;
  const request = listRequest(resource, options, { ...page, metadataOnly });
  const answer = await transport.call(request, limits);
  const list = parseAnswer(request.subject, answer.body, isList<Kind>);
  return {
    items: list.items ?? [],
    resourceVersion: list.metadata.resourceVersion,
    continue: list.metadata.continue || null,
  };
}

function isList<Kind>(parsed: object): parsed is ListAnswer<Kind> {
  if (!('metadata' in parsed) || !('items' in parsed)) return false;
  const { metadata, items } = parsed;
  if (typeof metadata !== 'object' || metadata === null) return false;
  return 'resourceVersion' in metadata && (items === null || Array.isArray(items));
}
