import { describe, expect, it } from 'vitest';
import { ComponentState, type ComponentStatus } from './state-file.ts';
import { statusView } from './view.ts';

const supervisor = { pid: 10, startTime: 'a' };
const nowMs = 1_000_000;

const status = (name: string, change: Partial<ComponentStatus>): ComponentStatus => ({
  name,
  state: ComponentState.Running,
  process: { pid: 100, startTime: 'b' },
  port: 8000,
  startedAtMs: nowMs - 65_000,
  tookMs: 300,
  restarts: 0,
  startFailures: 0,
  reason: null,
  logFile: '',
  ...change,
});

const view = (components: ComponentStatus[], alivePids = [10, 100]) => {
  return statusView({ supervisor, components }, nowMs, ({ pid }) => alivePids.includes(pid));
};

describe('the status table', () => {
  it('shows every component, aligned', () => {
    const { lines, allWell } = view([
      status('api', {}),
      status('migrations', { state: ComponentState.Done, process: null, port: null }),
      status('worker', {
        state: ComponentState.BackingOff,
        process: null,
        port: 8081,
        startedAtMs: null,
        restarts: 3,
        reason: 'exit code 1',
      }),
    ]);
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "COMPONENT   STATE        PID  PORT  UPTIME  RESTARTS  LAST REASON
      api         running      100  8000  65 s    0         -
      migrations  done         -    -     -       0         -
      worker      backing-off  -    8081  -       3         exit code 1"
    `);
    expect(allWell).toBe(false);
  });

  it("is well when everything runs, is done, is the user's or in a terminal", () => {
    const { Done, External, Foreground, Running } = ComponentState;
    const well = [Running, Done, External, Foreground].map((state) => status(state, { state }));
    expect(view(well).allWell).toBe(true);
  });

  it('is not well while one component is in any other state', () => {
    const { Waiting, Starting, Unready, BackingOff, Off, Stopping, Stopped } = ComponentState;
    for (const state of [Waiting, Starting, Unready, BackingOff, Off, Stopping, Stopped]) {
      expect(view([status('api', {}), status('x', { state })]).allWell).toBe(false);
    }
  });

  it('believes no state of a dead supervisor', () => {
    const all = [status('api', {}), status('worker', { process: { pid: 101, startTime: 'c' } })];
    const { lines, allWell } = view(all, [100]);
    expect(allWell).toBe(false);
    expect(lines[1]).toMatch(/^api +left behind +100/);
    expect(lines[2]).toMatch(/^worker +stopped +-/);
    expect(lines.at(-1)).toBe('no supervisor runs; 1 processes are left');
  });
});
