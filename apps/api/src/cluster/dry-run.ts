/**
 * `?dryRun=server`: what the worker would send is sent to the cluster as a dry run, which checks it
 * (admission webhooks too) and answers with the object as it would be; that is compared with the
 * object as it is. Nothing is written anywhere.
 */
import { createHash } from 'node:crypto';
import {
  type DeploymentIdentity,
  type DeploymentManifest,
  type DeploymentSpec,
  diffManifests,
  isManaged,
  type ManifestDifference,
  type ServiceManifest,
  toDeployment,
  toService,
  userLabelValue,
} from '@windlass/deployment-spec';
import {
  classifyKubeError,
  deployments,
  type KubeClient,
  KubeError,
  type KubeObject,
  type Resource,
  replicasOwner,
  services,
} from '@windlass/kube';
import type { DryRun } from '../schemas/cluster.ts';
import { clusterDeadlineMs, clusterFailure, orNull } from './cluster.ts';

/** The worker's: a dry run under another name would meet conflicts that the worker doesn't. */
const ourFieldManager = 'windlass';

export type DryRunProblem = DryRun['problems'][number];
type DryRunDifference = DryRun['diff'][number];

export type DryRunInput = {
  readonly identity: Omit<DeploymentIdentity, 'userLabel'>;
  readonly spec: DeploymentSpec;
  /** The spec before the change; null for a creation. */
  readonly previousSpec: DeploymentSpec | null;
};

/** What would be sent, what the cluster says to it, and what would change. */
export async function dryRunPut(
  kube: KubeClient,
  input: DryRunInput,
): Promise<Omit<DryRun, 'valid'>> {
  const { spec, previousSpec } = input;
  const identity = labelled(input.identity);
  const live = await find(kube, deployments, identity);
  // An autoscaler writes through the scale subresource; the worker leaves the field to it.
  const omitReplicas =
    live !== null && replicasOwner(live, ourFieldManager)?.subresource === 'scale';
  const manifest = toDeployment(spec, identity, { omitReplicas });
  const service = toService(spec, identity);
  const before =
    previousSpec === null ? null : toDeployment(previousSpec, identity, { omitReplicas });
  const parts = [
    await dryRunObject(kube, deployments, live, manifest, before),
    ...(service === null
      ? []
      : [
          await dryRunObject(
            kube,
            services,
            await find(kube, services, identity),
            service,
            previousSpec === null ? null : toService(previousSpec, identity),
          ),
        ]),
  ];
  return {
    problems: parts.flatMap((part) => part.problems),
    manifest,
    service,
    diff: parts.flatMap((part) => part.diff),
  };
}

/** What a deletion would remove. */
export async function dryRunDelete(
  kube: KubeClient,
  identity: Omit<DeploymentIdentity, 'userLabel'>,
): Promise<Omit<DryRun, 'valid'>> {
  const nothing = { problems: [], manifest: null, service: null, diff: [] };
  const live = await find(kube, deployments, identity);
  if (live === null || !isManaged(live.metadata)) return nothing;
  const key = { namespace: identity.namespace, name: identity.identifier };
  try {
    await kube.delete(deployments, key, { dryRun: true, deadlineMs: clusterDeadlineMs });
  } catch (error) {
    return { ...nothing, problems: problemsOf(error) };
  }
  const diff = diffManifests(live, null).map((difference) => of('Deployment', difference));
  return { ...nothing, diff };
}

type Part = {
  readonly problems: DryRunProblem[];
  readonly diff: DryRunDifference[];
};

async function dryRunObject(
  kube: KubeClient,
  resource: Resource,
  live: KubeObject | null,
  manifest: DeploymentManifest | ServiceManifest,
  before: DeploymentManifest | ServiceManifest | null,
): Promise<Part> {
  const { name, namespace } = manifest.metadata;
  if (live !== null && !isManaged(live.metadata)) {
    const message = `A ${manifest.kind} ${namespace}/${name} exists that Windlass didn't make; it is never taken over.`;
    return { problems: [{ code: 'foreign-object', field: null, message }], diff: [] };
  }
  const options = {
    fieldManager: ourFieldManager,
    dryRun: true,
    deadlineMs: clusterDeadlineMs,
  };
  try {
    const after =
      live === null
        ? await kube.create(resource, { ...manifest }, options)
        : await kube.apply(resource, { ...manifest }, { ...options, force: true });
    const shown = diffManifests(live, after);
    const removed = live === null || before === null ? [] : removedMembers(before, manifest, shown);
    const differences = [...shown, ...removed].toSorted((left, right) =>
      left.path < right.path ? -1 : 1,
    );
    return {
      problems: [],
      diff: differences.map((difference) => of(manifest.kind, difference)),
    };
  } catch (error) {
    return { problems: problemsOf(error), diff: [] };
  }
}

/**
 * What the change takes away from our own manifest. The dry run alone doesn't show it for an object
 * that was created and never applied since: the worker turns the creation's fields into applied ones
 * first, which a dry run can't.
 */
function removedMembers(
  before: object,
  after: object,
  shown: readonly ManifestDifference[],
): readonly ManifestDifference[] {
  const paths = new Set(shown.map((difference) => difference.path));
  return diffManifests(before, after).filter(
    (difference) => difference.after === null && !paths.has(difference.path),
  );
}

function of(object: string, difference: ManifestDifference): DryRunDifference {
  return { object, path: difference.path, before: difference.before, after: difference.after };
}

/** The cluster's refusal in its own words; where it is away or busy there is no answer at all. */
function problemsOf(error: unknown): DryRunProblem[] {
  if (!(error instanceof KubeError) || classifyKubeError(error) === 'passing') {
    throw clusterFailure(error);
  }
  const code = error.reason === '' ? String(error.status) : error.reason;
  const named = error.causes.map((cause) => ({
    code,
    field: cause.field === '' ? null : cause.field,
    message: cause.message,
  }));
  return named.length > 0 ? named : [{ code, field: null, message: error.message }];
}

function find<Kind extends KubeObject>(
  kube: KubeClient,
  resource: Resource<Kind>,
  identity: Omit<DeploymentIdentity, 'userLabel'>,
): Promise<Kind | null> {
  return orNull(
    kube.get(resource, {
      namespace: identity.namespace,
      name: identity.identifier,
      deadlineMs: clusterDeadlineMs,
    }),
  );
}

function labelled(identity: Omit<DeploymentIdentity, 'userLabel'>): DeploymentIdentity {
  return { ...identity, userLabel: userLabelValue(identity.userId, sha256Hex) };
}

function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
