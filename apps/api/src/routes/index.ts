/** All endpoints that need a user. How to add one: docs/howto/add-an-endpoint.md. */
import type { ApiServer, RouteDependencies } from '../dependencies.ts';
import { createRequestRoute } from './create-request.ts';
import { deleteRequestRoute } from './delete-request.ts';
import { deploymentEventsRoute } from './deployment-events.ts';
import { deploymentHistoryRoute } from './deployment-history.ts';
import { deploymentLogsRoute } from './deployment-logs.ts';
import { deploymentPodsRoute } from './deployment-pods.ts';
import { dropDeadLetterRoute } from './drop-dead-letter.ts';
import { getDeadLetterRoute } from './get-dead-letter.ts';
import { getDeploymentRoute } from './get-deployment.ts';
import { getRequestRoute } from './get-request.ts';
import { listAuditRoute } from './list-audit.ts';
import { listDeadLettersRoute } from './list-dead-letters.ts';
import { listDeploymentsRoute } from './list-deployments.ts';
import { listRequestsRoute } from './list-requests.ts';
import { patchRequestRoute } from './patch-request.ts';
import { pauseDeploymentRoute } from './pause-deployment.ts';
import { replayDeadLetterRoute } from './replay-dead-letter.ts';
import { replayDeadLettersRoute } from './replay-dead-letters.ts';
import { restartDeploymentRoute } from './restart-deployment.ts';
import { resumeDeploymentRoute } from './resume-deployment.ts';
import { rollbackDeploymentRoute } from './rollback-deployment.ts';
import { scaleDeploymentRoute } from './scale-deployment.ts';
import { streamEventsRoute } from './stream-events.ts';

type AddRoute = (server: ApiServer, deps: RouteDependencies) => void;

export const routes: readonly AddRoute[] = [
  createRequestRoute,
  listRequestsRoute,
  getRequestRoute,
  patchRequestRoute,
  deleteRequestRoute,
  listDeploymentsRoute,
  getDeploymentRoute,
  deploymentHistoryRoute,
  deploymentPodsRoute,
  deploymentLogsRoute,
  deploymentEventsRoute,
  scaleDeploymentRoute,
  restartDeploymentRoute,
  pauseDeploymentRoute,
  resumeDeploymentRoute,
  rollbackDeploymentRoute,
  streamEventsRoute,
  listDeadLettersRoute,
  getDeadLetterRoute,
  replayDeadLetterRoute,
  replayDeadLettersRoute,
  dropDeadLetterRoute,
  listAuditRoute,
];
