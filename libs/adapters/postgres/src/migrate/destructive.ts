/**
 * Finds what may lose data in a migration. Coarse on purpose: a statement that is taken for
 * destructive by mistake costs a mark and a flag, one that is overlooked costs data.
 */

const destructiveForms: readonly RegExp[] = [
  /\bDROP\s+(?:TABLE|SCHEMA|DATABASE|TYPE|SEQUENCE|DOMAIN|MATERIALIZED\s+VIEW|OWNED)\b/i,
  // ALTER TABLE … DROP [COLUMN] name: the word COLUMN may be left out.
  /\bALTER\s+TABLE\b[^;]*\bDROP\s+(?!CONSTRAINT\b|DEFAULT\b|NOT\s+NULL\b|EXPRESSION\b|IDENTITY\b)\w+/i,
  /\bALTER\s+(?:COLUMN\s+)?\S+\s+(?:SET\s+DATA\s+)?TYPE\b/i,
  /(?:^|[;$\s])TRUNCATE\s+(?:TABLE\b|ONLY\b|(?!ON\b)\w)/i,
  /\bDELETE\s+FROM\b/i,
];

/** The first piece of the SQL that may lose data, for people; null where there is none. */
export function findDestructive(sql: string): string | null {
  const code = withoutComments(sql);
  for (const form of destructiveForms) {
    const found = form.exec(code);
    if (found !== null) return found[0].trim().replace(/\s+/g, ' ');
  }
  return null;
}

/** A comment marker inside a literal hides what follows on its line only from this check. */
function withoutComments(sql: string): string {
  return sql.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/--[^\n]*/g, ' ');
}
