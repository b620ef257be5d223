/** What an owner and its keeper say to each other; see keeper.ts. */

export type ProcessSpec = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workDir: string;
  /** Output is appended to it. */
  readonly logFile: string;
  /** Holds the pid while the process runs; see leftovers.ts. */
  readonly pidFile: string;
  /** Run as this user instead of the owner's. Only root can. */
  readonly user?: { readonly uid: number; readonly gid: number };
};

export type ToKeeper =
  | { readonly kind: 'start'; readonly id: number; readonly spec: ProcessSpec }
  | { readonly kind: 'signal'; readonly id: number; readonly signal: NodeJS.Signals }
  /** Answered by `signalled`, once every process of the tree has been sent the signal. */
  | { readonly kind: 'signal-tree'; readonly id: number; readonly signal: NodeJS.Signals }
  /** Removes the folder when the owner ends without having said `release`. */
  | { readonly kind: 'hold'; readonly folder: string }
  | { readonly kind: 'release'; readonly folder: string };

export type FromKeeper =
  | { readonly kind: 'started'; readonly id: number; readonly pid: number }
  | { readonly kind: 'refused'; readonly id: number; readonly reason: string }
  | { readonly kind: 'signalled'; readonly id: number }
  | {
      readonly kind: 'exited';
      readonly id: number;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    };
