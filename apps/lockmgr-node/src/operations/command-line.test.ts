import { describe, expect, it } from 'vitest';
import { readCommandLine } from './command-line.ts';

const backup = ['backup', '--file', 'b', '--address', 'lockmgr-0:9090'];

describe('the command line', () => {
  it.each([[], ['--help'], ['backups'], ['--file=b']])('%j runs a node', (...argv) =>
    expect(readCommandLine(argv)).toEqual({ kind: 'run' }),
  );

  it('takes a backup, with a token or without', () => {
    const plain = { kind: 'backup', file: 'b', address: 'lockmgr-0:9090', tokenFile: null };
    expect(readCommandLine(backup)).toEqual(plain);
    const tokenFile = 'token';
    expect(readCommandLine([...backup, '--token-file=token'])).toEqual({ ...plain, tokenFile });
  });

  it('restores one', () =>
    expect(readCommandLine(['restore', '--file=b'])).toEqual({ kind: 'restore', file: 'b' }));

  it.each([
    [['backup', '--address', 'a:1'], 'lockmgr-node backup: --file is missing'],
    [['backup', '--file', 'b'], 'lockmgr-node backup: --address is missing'],
    [['backup', '--file', 'b', '--address', 'a'], 'must be host:port'],
    [['restore'], 'lockmgr-node restore: --file is missing'],
    [['restore', '--file', 'b', '--address', 'a:1'], "'--address'"],
    [['restore', 'b'], "'b'"],
  ])('%j is refused, and says why', (argv, message) =>
    expect(readCommandLine(argv)).toMatchObject({
      kind: 'wrong',
      message: expect.stringContaining(message),
    }),
  );

  it('helps', () => expect(readCommandLine([...backup, '--help'])).toEqual({ kind: 'help' }));
});
