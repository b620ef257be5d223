/** Progress of a long build: one line that changes on a terminal, now and then a line elsewhere. */

export type Output = { readonly isTTY?: boolean; readonly write: (text: string) => unknown };

export type Progress = {
  /** What is going on now. Call it as often as you like. */
  readonly show: (text: string) => void;
  /** A line that stays. */
  readonly keep: (text: string) => void;
  readonly close: () => void;
};

/** A terminal is repainted this often, so that the clock runs while nothing else changes. */
const repaintMs = 200;
/** A log gets a line this often: enough to see life, few enough to read. */
const logEveryMs = 15_000;
const lineWidthMax = 78;

export function createProgress(output: Output, nowMs: () => number = () => Date.now()): Progress {
  const startMs = nowMs();
  const isTerminal = output.isTTY === true;
  let text = '';
  let loggedMs = Number.NEGATIVE_INFINITY;
  const line = () => `${elapsed(nowMs() - startMs)}  ${text}`.slice(0, lineWidthMax);
  const paint = () => {
    if (text === '') return;
    if (isTerminal) output.write(`\r\u001B[2K${line()}`);
    else if (nowMs() - loggedMs >= logEveryMs) {
      loggedMs = nowMs();
      output.write(`${line()}\n`);
    }
  };
  const clear = () => {
    if (isTerminal && text !== '') output.write('\r\u001B[2K');
  };
  const timer = setInterval(paint, repaintMs);
  return {
    show: (next) => {
      text = next;
    },
    keep: (kept) => {
      clear();
      output.write(`${elapsed(nowMs() - startMs)}  ${kept}\n`);
    },
    close: () => {
      clearInterval(timer);
      clear();
    },
  };
}

/** Minutes and seconds: 4m 07s. */
export function elapsed(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000);
  return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`;
}
