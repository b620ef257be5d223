import type { ContainerStatus, Terminated } from './objects.ts';
import type { Trouble } from './trouble.ts';

/** What a container that starts as it should waits for. */
const startingReasons: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

/** One exit is forgiven: many programs end once when what they need isn't up yet. */
const exitsForgiven = 1;

/** What is wrong with a container of a pod; null: nothing, or nothing yet. */
export function containerTrouble(status: ContainerStatus): Trouble | null {
  if (status.ready === true) return null;
  const { waiting, running, terminated } = status.state ?? {};
  if (waiting !== undefined) return waitingTrouble(status, waiting.reason, waiting.message);
  const exit = terminated ?? status.lastState?.terminated;
  if (exit !== undefined) return exitTrouble(status, exit);
  if (running === undefined) return null;
  const message = `container ${nameOf(status)} runs but isn't ready`;
  return { reason: 'NotReady', message, stuck: false };
}

/** As above for one that must end before the others start, or that runs beside them from then on. */
export function initContainerTrouble(status: ContainerStatus): Trouble | null {
  if (status.state?.terminated?.exitCode === 0) return null;
  const trouble = containerTrouble(status);
  // At work, which is no trouble: nobody expects an init container to be ready.
  return trouble?.reason === 'NotReady' ? null : trouble;
}

function waitingTrouble(
  status: ContainerStatus,
  reason: string | undefined,
  message: string | undefined,
): Trouble | null {
  if (reason === undefined || startingReasons.has(reason)) {
    const before = status.lastState?.terminated;
    return before === undefined ? null : exitTrouble(status, before);
  }
  const exit = status.lastState?.terminated;
  if (reason === 'CrashLoopBackOff' && exit !== undefined) {
    const cause = exit.reason === 'OOMKilled' ? exit.reason : reason;
    const text = `container ${nameOf(status)} keeps ending: ${describeExit(status, exit)}`;
    return { reason: cause, message: text, stuck: true };
  }
  // Kubernetes has no list of these reasons, but names them by this rule.
  const stuck = reason.startsWith('Err') || /(?:Error|BackOff|InvalidImageName)$/.test(reason);
  return { reason, message: `container ${nameOf(status)}: ${message ?? reason}`, stuck };
}

function exitTrouble(status: ContainerStatus, exit: Terminated): Trouble {
  const outOfMemory = exit.reason === 'OOMKilled';
  const ended = status.state?.terminated === undefined ? 0 : 1;
  const exits = (status.restartCount ?? 0) + ended;
  return {
    reason: exitReason(exit),
    message: `container ${nameOf(status)} ended: ${describeExit(status, exit)}`,
    stuck: outOfMemory || exits > exitsForgiven,
  };
}

/** Kubernetes' own where it says more than that it ended. */
function exitReason(exit: Terminated): string {
  const { reason = 'Error' } = exit;
  return reason === 'Error' || reason === 'Completed' ? 'ContainerExited' : reason;
}

function describeExit(status: ContainerStatus, exit: Terminated): string {
  const code = exit.exitCode === undefined ? '' : `, exit code ${exit.exitCode}`;
  const text = exit.message === undefined ? '' : `: ${exit.message}`;
  const restarts = status.restartCount ?? 0;
  return `${exit.reason ?? 'Error'}${code}, ${restarts} restart${restarts === 1 ? '' : 's'}${text}`;
}

function nameOf(status: ContainerStatus): string {
  return status.name ?? '';
}
