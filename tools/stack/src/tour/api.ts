/** The platform's REST API, as far as the tour needs more than the client gives. */
import {
  type ApiClient,
  ApiProblem,
  bodyOf,
  createApiClient,
  type Schemas,
} from '@windlass/api-client';
import type { TourCredentials } from './access.ts';

/** Answers take milliseconds; this is for an API that hangs. */
const callDeadlineMs = 10_000;

export function createTourApi(baseUrl: string, credentials: TourCredentials): ApiClient {
  return createApiClient({ baseUrl, ...credentials, deadlineMs: callDeadlineMs });
}

/** Null where the API doesn't show the deployment. */
export async function findDeployment(
  api: ApiClient,
  identifier: string,
): Promise<Schemas['Deployment'] | null> {
  try {
    const params = { path: { id: identifier } };
    return await bodyOf(api.GET('/api/v1/deployments/{id}', { params }));
  } catch (error) {
    if (error instanceof ApiProblem && error.code === 'not-found') return null;
    throw error;
  }
}

/** The platform didn't do what the tour shows. */
export class TourFailure extends Error {
  override readonly name = 'TourFailure';
}
