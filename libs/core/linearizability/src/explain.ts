/** A violation for people: what could be explained, what not, and what else was going on. */
import type { Operation, Violation } from './types.ts';

/** The end of the explanation is what matters; earlier operations only led there. */
const shownMax = 12;

export function explainViolation<State, Input, Output>({
  prefixLength,
  failed,
  concurrent,
  linearization,
  state,
}: Violation<State, Input, Output>): string {
  const left = linearization.length - shownMax;
  const earlier = left > 0 ? [`  … ${left} before`] : [];
  const lines = [
    `no order explains the first ${prefixLength} returns; the last of them:`,
    `  ${show(failed)}`,
    'an order that explains those before it as far as possible:',
    ...earlier,
    ...linearization.slice(-shownMax).map((operation) => `  ${show(operation)}`),
    `leads to ${JSON.stringify(state)}`,
  ];
  if (concurrent.length > 0) {
    lines.push('not returned at that time:');
    lines.push(...concurrent.slice(0, shownMax).map((operation) => `  ${show(operation)}`));
    if (concurrent.length > shownMax) lines.push(`  … ${concurrent.length - shownMax} more`);
  }
  return lines.join('\n');
}

function show<Input, Output>(operation: Operation<Input, Output>): string {
  const { caller, input, output, calledAt, returnedAt } = operation;
  const end = returnedAt === null ? 'open' : String(returnedAt);
  const shown = output === null ? 'unknown' : JSON.stringify(output);
  return `[${calledAt}, ${end}] ${caller}: ${JSON.stringify(input)} → ${shown}`;
}
