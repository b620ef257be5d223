/** Dry runs: the same checks as for the real thing, then the cluster's, and nothing is queued. */
import type { DeploymentSpec } from '@windlass/deployment-spec';
import type { WindlassError } from '@windlass/errors';
import type { DeploymentStore, RequestRecord, Scope } from '@windlass/postgres';
import { Operation, RequestStatus, RequestType, RevisionStatus } from '@windlass/request-machine';
import { kubeOf } from '../cluster/cluster.ts';
import { type DryRunProblem, dryRunDelete, dryRunPut } from '../cluster/dry-run.ts';
import type { RouteDependencies } from '../dependencies.ts';
import type { DryRun } from '../schemas/cluster.ts';
import { requireRequest } from './find-request.ts';
import type { Change } from './planned-change.ts';
import { isReleased, quotaProblems } from './quota-usage.ts';
import { deleting, revisionNotFound, versionMismatch } from './refusals.ts';

/** Revisions that are looked through for the one to go back to. */
const revisionsMax = 2_000;
const revisionsPage = 200;

type Dependencies = Pick<RouteDependencies, 'store' | 'cluster' | 'settings'>;

export async function dryRunChange(
  deps: Dependencies,
  scope: Scope,
  change: Change,
  ifVersion: number | null,
): Promise<DryRun> {
  const kube = kubeOf(deps.cluster);
  const current = await requireRequest(deps.store, scope, change.target);
  if (ifVersion !== null && ifVersion !== current.version) throw versionMismatch(current.version);
  const identity = {
    identifier: current.identifier,
    namespace: current.namespace,
    userId: current.userId,
    requestId: current.id,
    revision: current.revision + 1,
  };
  if (change.operation === Operation.Delete)
    return concluded(await dryRunDelete(kube, identity), []);
  if (current.type === RequestType.Delete && current.status !== RequestStatus.Failure) {
    throw deleting();
  }
  const rollbackSpec =
    change.operation === Operation.Rollback
      ? await rollbackSpecOf(deps.store, scope, current, change.rollbackTo)
      : null;
  const planned = change.plan(current, rollbackSpec);
  if (!planned.ok) return refused(planned.error);
  const quota = await quotaProblems(deps.store, deps.settings, current.userId, {
    deployments: 0,
    replicas: planned.value.replicas - current.spec.replicas,
  });
  const shown = await dryRunPut(kube, {
    identity,
    spec: planned.value,
    previousSpec: current.spec,
  });
  return concluded(shown, quota);
}

export async function dryRunCreate(
  deps: Dependencies,
  input: {
    readonly userId: string;
    readonly identifier: string;
    readonly namespace: string;
    readonly requestId: string;
    readonly spec: DeploymentSpec;
    readonly refusal: WindlassError | null;
  },
): Promise<DryRun> {
  const kube = kubeOf(deps.cluster);
  if (input.refusal !== null) return refused(input.refusal);
  const holders = await deps.store.listRequests(
    { userId: null },
    { identifier: input.identifier },
    { limit: 1, after: null },
  );
  const holder = holders.items[0];
  const taken: readonly DryRunProblem[] =
    holder === undefined || isReleased(holder)
      ? []
      : [{ code: 'identifier-taken', field: 'identifier', message: 'is taken' }];
  const quota = await quotaProblems(deps.store, deps.settings, input.userId, {
    deployments: 1,
    replicas: input.spec.replicas,
  });
  const shown = await dryRunPut(kube, {
    identity: {
      identifier: input.identifier,
      namespace: input.namespace,
      userId: input.userId,
      requestId: input.requestId,
      revision: 1,
    },
    spec: input.spec,
    previousSpec: null,
  });
  return concluded(shown, [...taken, ...quota]);
}

function concluded(shown: Omit<DryRun, 'valid'>, more: readonly DryRunProblem[]): DryRun {
  const problems = [...more, ...shown.problems];
  return { ...shown, valid: problems.length === 0, problems };
}

function refused(error: WindlassError): DryRun {
  const named = error.fields.map(({ field, message }) => ({ code: error.code, field, message }));
  const problems =
    named.length > 0 ? named : [{ code: error.code, field: null, message: error.detail }];
  return { valid: false, problems, manifest: null, service: null, diff: [] };
}

/** The spec to go back to, as the store would find it. */
async function rollbackSpecOf(
  store: Pick<DeploymentStore, 'listRevisions'>,
  scope: Scope,
  current: RequestRecord,
  rollbackTo: number | null,
): Promise<DeploymentSpec> {
  let after = null;
  for (let seen = 0; seen < revisionsMax; seen += revisionsPage) {
    const page = await store.listRevisions(scope, current.identifier, {
      limit: revisionsPage,
      after,
    });
    const found = page.items.find(
      (revision) =>
        revision.requestId === current.id &&
        revision.operation !== Operation.Delete &&
        (rollbackTo === null
          ? revision.revision < current.revision && revision.status === RevisionStatus.Success
          : revision.revision === rollbackTo),
    );
    if (found !== undefined) return found.spec;
    if (page.next === null) break;
    after = page.next;
  }
  throw revisionNotFound();
}
