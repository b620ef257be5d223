/** What a command's exit code tells a script: whether to fix the input, give up, or come back. */
export const ExitCode = {
  /** A bug, or a process that refused to start. */
  Failure: 1,
  /** The input is wrong; the same input fails again. */
  Usage: 2,
  /** Understood, and refused because of who asks or of the present state. */
  Refused: 3,
  /** Something was away, full or slow; the same call may succeed later. */
  TryAgain: 4,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
