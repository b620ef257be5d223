/** The registry as a page for people; docs/errors.md is this text, and a test compares them. */
import { ExitCode } from './exit-codes.ts';
import { type ErrorEntry, errorRegistry } from './registry.ts';

/** The Markdown of docs/errors.md. */
export function errorsDocument(): string {
  return `# Errors

Generated from \`libs/platform/errors/src/registry.ts\`; after a change there, run its tests with \`UPDATE=1\`.

Over HTTP an error is a problem document (RFC 9457, \`application/problem+json\`). Its \`type\` is
\`https://windlass.dev/problems/<code>\`; \`code\` is the same code by itself; \`errors\` names every
field that is at fault as \`{"field", "message", "limit"}\`.

Exit codes of commands: ${exitCodes()}.

| code | HTTP | gRPC | exit | try again | title | when, and what to do |
|---|---|---|---|---|---|---|
${rows().join('\n')}
`;
}

function exitCodes(): string {
  const meanings = [
    [ExitCode.Failure, 'a bug, or the process refused to start'],
    [ExitCode.Usage, 'the input is wrong'],
    [ExitCode.Refused, 'refused because of who asks or of the present state'],
    [ExitCode.TryAgain, 'something was away, full or slow'],
  ] as const;
  return meanings.map(([code, meaning]) => `${code} ${meaning}`).join('; ');
}

function rows(): string[] {
  const entries: readonly (readonly [string, ErrorEntry])[] = Object.entries(errorRegistry);
  return entries
    .toSorted(([a, left], [b, right]) => left.status - right.status || (a < b ? -1 : 1))
    .map(([code, entry]) => {
      const cells = [
        `\`${code}\``,
        entry.status,
        entry.grpcStatus,
        ExitCode[entry.exitCode],
        entry.passing ? 'yes' : 'no',
        entry.title,
        entry.description,
      ];
      return `| ${cells.join(' | ')} |`;
    });
}
