/** What went wrong, from errors of Node's own functions. */

/** Such as `ENOENT`; null where the error has no such code. */
export function errorCode(error: unknown): string | null {
  return textOf(error, 'code');
}

/** The error's message; for what is no error, its text. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a program that failed wrote to standard error; null where nothing was kept of it. */
export function errorOutput(error: unknown): string | null {
  return textOf(error, 'stderr')?.trim() ?? null;
}

/** True where execFileSync failed because the program ended with this code. */
export function isExitCode(error: unknown, exitCode: number): boolean {
  return error instanceof Error && 'status' in error && error.status === exitCode;
}

function textOf(error: unknown, key: 'code' | 'stderr'): string | null {
  if (!(error instanceof Error)) return null;
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : null;
}
