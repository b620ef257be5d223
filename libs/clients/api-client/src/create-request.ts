/** Asking for a deployment, once however often it is sent. */
import { bodyOf, type Calls, type Schemas } from './calls.ts';
import { ApiProblem, UNEXPECTED_ANSWER } from './problem.ts';

export type CreateRequestOptions = {
  /**
   * Keep it with what the deployment is for, and creating it again after a crash gives the same
   * request. Made up where absent. 1 to 200 visible ASCII characters.
   */
  readonly requestId?: string;
  readonly signal?: AbortSignal;
};

export type CreatedRequest = {
  readonly request: Schemas['DeploymentRequest'];
  /** False where it was there already under this request id, be it by a try whose answer was lost. */
  readonly created: boolean;
};

const ACCEPTED = 202;

/** @throws ApiProblem, such as `identifier-taken` or `validation-failed`; ApiUnreachable */
export async function createRequest(
  calls: Calls,
  body: Schemas['CreateDeploymentRequest'],
  options: CreateRequestOptions = {},
): Promise<CreatedRequest> {
  const { requestId, signal } = options;
  const call = calls.POST('/api/v1/deployments/requests/create', {
    body,
    ...(requestId === undefined ? {} : { params: { header: { 'X-Request-ID': requestId } } }),
    ...(signal === undefined ? {} : { signal }),
  });
  const request = notDryRun(await bodyOf(call));
  const { response } = await call;
  return { request, created: response.status === ACCEPTED };
}

function notDryRun(
  body: Schemas['DeploymentRequest'] | Schemas['DryRun'],
): Schemas['DeploymentRequest'] {
  if ('id' in body) return body;
  throw new ApiProblem({
    status: 200,
    code: UNEXPECTED_ANSWER,
    title: 'Unexpected answer',
    detail: 'A dry run came back where none was asked for.',
    errors: [],
    retryAfterMs: null,
  });
}
