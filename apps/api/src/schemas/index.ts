/** The named schemas of the document: what `$ref` may point at. */
import {
  auditEntrySchema,
  auditListSchema,
  deadLetterListSchema,
  deadLetterSchema,
  replayAllSchema,
} from './administration.ts';
import {
  clusterEventListSchema,
  clusterEventSchema,
  dryRunSchema,
  podListSchema,
  podSchema,
} from './cluster.ts';
import {
  deploymentListSchema,
  deploymentSchema,
  revisionListSchema,
  revisionSchema,
} from './deployment.ts';
import { createBodySchema, patchBodySchema, requestListSchema, requestSchema } from './request.ts';
import { problemSchema } from './responses.ts';
import { deploymentSpecSchema } from './spec.ts';

export const namedSchemas = [
  problemSchema,
  deploymentSpecSchema,
  createBodySchema,
  patchBodySchema,
  requestSchema,
  requestListSchema,
  deploymentSchema,
  deploymentListSchema,
  revisionSchema,
  revisionListSchema,
  podSchema,
  podListSchema,
  clusterEventSchema,
  clusterEventListSchema,
  dryRunSchema,
  deadLetterSchema,
  deadLetterListSchema,
  replayAllSchema,
  auditEntrySchema,
  auditListSchema,
] as const;
