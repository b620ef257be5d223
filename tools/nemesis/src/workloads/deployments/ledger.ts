/** What the platform promised, written down at each answer; read by the checks. */
import type { Intent, Wish } from './intent.ts';

export type Promised = {
  readonly userId: string;
  readonly identifier: string;
  /** The X-Request-ID. */
  readonly key: string;
  readonly operation: Wish['operation'];
  readonly after: Intent | null;
  /** 202: this call queued it. 200: an earlier try had, whose answer was lost. */
  readonly status: number;
  /** The request's id, made by the server. */
  readonly requestId: string;
  /** As answered; with a 200 it may be a later one of the same request. */
  readonly revision: number;
};

/** Something that was wrong at once, while the run went on. */
export type Incident = {
  readonly rule: string;
  readonly subject: string;
  readonly detail: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

export type Ledger = {
  readonly promised: Promised[];
  readonly incidents: Incident[];
  /** Calls that have had no answer yet, by their X-Request-ID. */
  readonly unanswered: Map<string, { readonly identifier: string; readonly operation: string }>;
  /** Refusals by code: allowed ones, such as a change of what is being deleted. */
  readonly refused: Map<string, number>;
  repeatedCalls: number;
  slowestAnswerMs: number;
  racesRun: number;
};

export function createLedger(): Ledger {
  return {
    promised: [],
    incidents: [],
    unanswered: new Map(),
    refused: new Map(),
    repeatedCalls: 0,
    slowestAnswerMs: 0,
    racesRun: 0,
  };
}

export function countRefusal(ledger: Ledger, code: string): void {
  ledger.refused.set(code, (ledger.refused.get(code) ?? 0) + 1);
}
