/** What the program is called for: to run a node, or one of an operator's commands. */
import { parseArgs } from 'node:util';

/** Lines of `--help`. */
export const commandUsage: readonly string[] = [
  'lockmgr-node backup --file <path or -> --address <host:port> [--token-file <path>]',
  'lockmgr-node restore --file <backup>',
];

export type CommandLine =
  /** Also with arguments that nobody knows: the settings refuse them. */
  | { readonly kind: 'run' }
  | {
      readonly kind: 'backup';
      readonly file: string;
      readonly address: string;
      /** Null: the token of the settings, if there is one. */
      readonly tokenFile: string | null;
    }
  | { readonly kind: 'restore'; readonly file: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string };

export function readCommandLine(argv: readonly string[]): CommandLine {
  const [name, ...rest] = argv;
  if (name !== 'backup' && name !== 'restore') return { kind: 'run' };
  if (rest.includes('--help') || rest.includes('-h')) return { kind: 'help' };
  try {
    return name === 'backup' ? backup(rest) : restore(rest);
  } catch (error) {
    // Of parseArgs: it names the argument.
    return wrong(name, error instanceof Error ? error.message : String(error));
  }
}

function backup(args: string[]): CommandLine {
  const options = { file: text, address: text, 'token-file': text };
  const { address, file, 'token-file': tokenFile } = parseArgs({ args, options }).values;
  if (file === undefined || file === '') return wrong('backup', '--file is missing');
  if (address === undefined) return wrong('backup', '--address is missing');
  if (!/^.+:\d{1,5}$/.test(address)) return wrong('backup', '--address must be host:port');
  return { kind: 'backup', file, address, tokenFile: tokenFile ?? null };
}

function restore(args: string[]): CommandLine {
  const { file } = parseArgs({ args, options: { file: text } }).values;
  if (file === undefined || file === '') return wrong('restore', '--file is missing');
  return { kind: 'restore', file };
}

const text = { type: 'string' } as const;

function wrong(name: string, message: string): CommandLine {
  return { kind: 'wrong', message: `lockmgr-node ${name}: ${message}` };
}
