import type { ObjectKey } from './calls.ts';
import { classifyKubeError } from './error-table.ts';
import type { CallOptions, KubeClient } from './kube-client.ts';
import { KubeError } from './kube-error.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';

/** The object, or null where there is none of that name. Everything else that fails is thrown. */
export async function findObject<Kind extends KubeObject>(
  client: Pick<KubeClient, 'get'>,
  resource: Resource<Kind>,
  options: ObjectKey & CallOptions,
): Promise<Kind | null> {
  try {
    return await client.get(resource, options);
  } catch (error) {
    if (error instanceof KubeError && classifyKubeError(error) === 'not-found') return null;
    throw error;
  }
}
