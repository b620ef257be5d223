/**
 * The tour at the end of `make run`: a deployment is requested, rolls out, is seen, scaled and
 * deleted, on the real API, workers and cluster; a lock is taken and handed over. It leaves nothing
 * behind.
 */
import { apiUrlOf } from '../commands/addresses.ts';
import { CommandFailure } from '../commands/failure.ts';
import { lockAddressesOf } from '../components/lock-managers.ts';
import { kubectl } from '../kubectl.ts';
import { formatDuration, good, say, warn } from '../print.ts';
import type { StackSettings } from '../settings.ts';
import type { StackState } from '../state/state-file.ts';
import { errorMessage } from '../system-errors.ts';
import { tourAccess } from './access.ts';
import { createTourApi, TourFailure } from './api.ts';
import { tourLocks } from './locks.ts';
import {
  applied,
  clearEarlier,
  deleted,
  request,
  rolledOut,
  scaled,
  type TourContext,
} from './steps.ts';

/** On a cluster of the user's: a namespace of its own, made and removed by the tour. */
const tourNamespace = 'windlass-tour';
/** In the local cluster pods need no image and no node. */
const tourStepDeadlineMs = 60_000;
const stepDeadlineTheirsMs = 300_000;

/** @throws CommandFailure when the platform doesn't do what it should */
export async function runTour(state: StackState, settings: StackSettings): Promise<void> {
  await tourOfDeployments(state, settings);
  await tourOfLocks(state, settings);
}

async function tourOfLocks(state: StackState, settings: StackSettings): Promise<void> {
  const { lockmgrAddress, lockmgrTlsCaFile } = settings;
  const own = lockAddressesOf(state);
  say();
  say('The tour, locks:');
  try {
    await tourLocks({
      addresses: own ?? lockmgrAddress ?? [],
      caFile: own === null ? lockmgrTlsCaFile : null,
      show,
    });
  } catch (error) {
    throw new CommandFailure(`the tour of locks failed: ${describe(error)}; see \`make logs\``);
  }
}

async function tourOfDeployments(state: StackState, settings: StackSettings): Promise<void> {
  const access = tourAccess(settings);
  if (access.kind === 'missing') {
    warn(access.message);
    return;
  }
  const theirs = state.plan.kubernetes.kind === 'external';
  const kubeconfig = theirs ? settings.kubeconfig : state.connections.kubeconfig;
  const cluster = kubectl({ kubeconfig, context: theirs ? settings.kubeContext : null });
  const context: TourContext = {
    api: createTourApi(apiUrlOf(state), access.credentials),
    cluster,
    namespace: theirs ? tourNamespace : 'default',
    stepDeadlineMs: theirs ? stepDeadlineTheirsMs : tourStepDeadlineMs,
  };
  say();
  const where = theirs ? `${state.plan.kubernetes.shown}, namespace ${tourNamespace}` : '';
  const title = 'The tour, deployments';
  say(theirs ? `${title}, on ${where} (TOUR=0 leaves it out):` : `${title}:`);
  try {
    if (theirs) await ensureNamespace(context);
    await walk(context);
  } catch (error) {
    await clearAway(context);
    throw new CommandFailure(`the tour failed: ${describe(error)}; see \`make logs\``);
  } finally {
    if (theirs) {
      await cluster.run('delete', 'namespace', tourNamespace, '--ignore-not-found', '--wait=false');
    }
  }
}

async function walk(context: TourContext): Promise<void> {
  await show(clearEarlier(context));
  const requested = request(context);
  await show(requested.then(({ line }) => line));
  const { id } = await requested;
  await show(applied(context, id));
  await show(rolledOut(context));
  await show(scaled(context));
  await show(deleted(context, id));
}

/** Waits for a step and shows what it says, with its time. */
async function show(step: Promise<string | null>): Promise<void> {
  const startedMs = performance.now();
  const line = await step;
  const took = formatDuration(performance.now() - startedMs).padStart(7);
  if (line !== null) good(`${took}  ${line}`);
}

/** After a failure, as far as the platform still goes along. */
async function clearAway(context: TourContext): Promise<void> {
  try {
    await clearEarlier({ ...context, stepDeadlineMs: 10_000 });
  } catch (error) {
    warn(`what the tour made may be left: ${describe(error)}; the next tour removes it`);
  }
}

async function ensureNamespace({ cluster, namespace }: TourContext): Promise<void> {
  const found = await cluster.run('get', 'namespace', namespace, '--ignore-not-found');
  if (found === '') await cluster.run('create', 'namespace', namespace);
}

function describe(error: unknown): string {
  const message = errorMessage(error);
  if (error instanceof TourFailure || !(error instanceof Error)) return message;
  return error.cause instanceof Error ? `${message}: ${error.cause.message}` : message;
}
