/** What the tour does with the platform, one function per step. Each says what it saw. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '@windlass/api-client';
import type { Kubectl } from '../kubectl.ts';
import { formatDuration } from '../print.ts';
import { findDeployment, TourFailure } from './api.ts';

export type TourContext = {
  readonly api: ApiClient;
  readonly cluster: Kubectl;
  /** Where the deployment goes. */
  readonly namespace: string;
  /** Longest time for one step: an image may have to be fetched on a real cluster. */
  readonly stepDeadlineMs: number;
};

export const tourIdentifier = 'tour-web';
const tourImage = 'nginx:1.27';
const replicasScaled = 3;
const pollMs = 50;

/** Takes away what a tour that was cut short has left. Gives the line to show, or null. */
export async function clearEarlier(context: TourContext): Promise<string | null> {
  const query = { identifier: tourIdentifier };
  const open: string[] = [];
  for await (const found of context.api.list('/api/v1/deployments/requests', { query })) {
    if (found.type !== 'DELETE' || found.status !== 'SUCCESS') open.push(found.id);
  }
  for (const id of open) await remove(context, id);
  return open.length === 0 ? null : 'took away what an earlier tour had left';
}

/** Asks for the deployment. Gives the request's id and the line to show. */
export async function request(context: TourContext): Promise<{ id: string; line: string }> {
  const body = { identifier: tourIdentifier, image: tourImage, namespace: context.namespace };
  const { id, status } = (await context.api.createRequest(body)).request;
  return {
    id,
    line: `asked for ${tourIdentifier} (${tourImage}): accepted, request ${id} ${status}`,
  };
}

export async function applied(context: TourContext, id: string): Promise<string> {
  await untilSuccess(context, id);
  return 'the request is SUCCESS: applied to the cluster';
}

export async function rolledOut(context: TourContext): Promise<string> {
  await untilReady(context, 1);
  const image = await clusterField(context, '{.spec.template.spec.containers[0].image}');
  return `rolled out: the API says Healthy, 1 of 1 ready; the cluster runs ${image}`;
}

export async function scaled(context: TourContext): Promise<string> {
  await context.api.POST('/api/v1/deployments/{id}/scale', {
    params: { path: { id: tourIdentifier } },
    body: { replicas: replicasScaled },
  });
  await untilReady(context, replicasScaled);
  const ready = await clusterField(context, '{.status.readyReplicas}');
  if (ready !== String(replicasScaled)) {
    throw new TourFailure(`the cluster shows ${ready} ready pods, not ${replicasScaled}`);
  }
  return `scaled: ${ready} of ${replicasScaled} ready, in the API and on the cluster`;
}

export async function deleted(context: TourContext, id: string): Promise<string> {
  await remove(context, id);
  return 'deleted: gone from the cluster and from the API';
}

/** Has the deployment deleted and sees it go. */
async function remove(context: TourContext, id: string): Promise<void> {
  await context.api.DELETE('/api/v1/deployments/requests/{id}', { params: { path: { id } } });
  await untilSuccess(context, id);
  await until(context, 'the deployment is still on the cluster', async () => {
    const { namespace, cluster } = context;
    const name = `deployment/${tourIdentifier}`;
    return (await cluster.run('get', name, '-n', namespace, '--ignore-not-found')) === '';
  });
  await until(context, 'the API still shows the deployment', async () => {
    return (await findDeployment(context.api, tourIdentifier)) === null;
  });
}

async function untilSuccess(context: TourContext, id: string): Promise<void> {
  const { api, stepDeadlineMs } = context;
  const { status, error } = await api.waitForRequest(id, { deadlineMs: stepDeadlineMs });
  if (status === 'SUCCESS') return;
  throw new TourFailure(
    error === null
      ? `the request is still ${status} after ${formatDuration(stepDeadlineMs)}`
      : `the request failed: ${error.code}: ${error.message}`,
  );
}

async function untilReady(context: TourContext, replicas: number): Promise<void> {
  let seen = 'nothing of it';
  await until(
    context,
    () => `the API shows ${seen}`,
    async () => {
      const body = await findDeployment(context.api, tourIdentifier);
      // Not synced from the cluster yet.
      if (body === null) return false;
      seen = `${body.health}, ${body.readyReplicas} of ${body.replicas} ready`;
      if (body.healthMessage !== '') seen += ` (${body.healthMessage})`;
      const ready = body.readyReplicas === replicas && body.replicas === replicas;
      return ready && body.health === 'Healthy';
    },
  );
}

async function clusterField(context: TourContext, jsonPath: string): Promise<string> {
  const { namespace, cluster } = context;
  const name = `deployment/${tourIdentifier}`;
  return cluster.run('get', name, '-n', namespace, '-o', `jsonpath=${jsonPath}`);
}

async function until(
  context: TourContext,
  otherwise: string | (() => string),
  condition: () => Promise<boolean>,
): Promise<void> {
  const endMs = performance.now() + context.stepDeadlineMs;
  while (!(await condition())) {
    if (performance.now() > endMs) {
      const what = typeof otherwise === 'string' ? otherwise : otherwise();
      throw new TourFailure(`${what} after ${formatDuration(context.stepDeadlineMs)}`);
    }
    await sleep(pollMs);
  }
}
