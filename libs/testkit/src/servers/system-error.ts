/** The code of an error of the system (ENOENT) or of PostgreSQL (SQLSTATE), or null. */
export function errorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
