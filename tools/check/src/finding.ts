/** One breach of a rule, as every check reports it. */
export type Finding = {
  /** Relative to the repository's top, with forward slashes. */
  readonly path: string;
  /** From 1; null where the file as a whole is meant. */
  readonly line: number | null;
  readonly message: string;
};

export function formatFinding({ path, line, message }: Finding): string {
  return `${path}${line === null ? '' : `:${line}`}: ${message}`;
}

/** Sorted by path, line and message: the same findings print the same text on every machine. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(
    (left, right) =>
      compare(left.path, right.path) ||
      (left.line ?? 0) - (right.line ?? 0) ||
      compare(left.message, right.message),
  );
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
