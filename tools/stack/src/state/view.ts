/** What `make status` shows, from the state file and what is really alive. Pure. */
import { formatDuration, table } from '../print.ts';
import type { ProcessIdentity } from '../processes/identity.ts';
import { ComponentState, type ComponentStatus, type StackState } from './state-file.ts';

/** States in which a component does its work, or has done it. */
const goodStates: ReadonlySet<ComponentState> = new Set([
  ComponentState.Running,
  ComponentState.Done,
  ComponentState.External,
  ComponentState.Foreground,
]);

export function isWell(status: ComponentStatus): boolean {
  return goodStates.has(status.state);
}

export type StatusView = {
  readonly lines: readonly string[];
  /** True when the supervisor lives and every component is well. */
  readonly allWell: boolean;
};

/** @param alive whether a recorded process still runs */
export function statusView(
  state: Pick<StackState, 'supervisor' | 'components'>,
  nowMs: number,
  alive: (identity: ProcessIdentity) => boolean,
): StatusView {
  const supervised = alive(state.supervisor);
  const rows = state.components.map((status) => row(status, nowMs, supervised, alive));
  const header = ['COMPONENT', 'STATE', 'PID', 'PORT', 'UPTIME', 'RESTARTS', 'LAST REASON'];
  const orphans = state.components.filter(({ process }) => process !== null && alive(process));
  const lines = table([header, ...rows]);
  if (!supervised) {
    const left = orphans.length > 0 ? `; ${orphans.length} processes are left` : '';
    lines.push('', `no supervisor runs${left}`);
  }
  return { lines, allWell: supervised && state.components.every(isWell) };
}

function row(
  status: ComponentStatus,
  nowMs: number,
  supervised: boolean,
  alive: (identity: ProcessIdentity) => boolean,
): string[] {
  const { name, process, port, startedAtMs, restarts, reason } = status;
  const lives = process !== null && alive(process);
  const shown = supervised ? status.state : lives ? 'left behind' : ComponentState.Stopped;
  const running = supervised && startedAtMs !== null && process !== null;
  return [
    name,
    shown,
    lives ? String(process.pid) : '-',
    port === null ? '-' : String(port),
    running ? formatDuration(nowMs - startedAtMs) : '-',
    String(restarts),
    reason ?? '-',
  ];
}
