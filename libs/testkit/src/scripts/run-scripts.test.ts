import { describe, expect, it } from 'vitest';
import type { Directive } from './parse.ts';
import { runScript, runScripts, wantsUpdate } from './run-scripts.ts';

function calculator() {
  let total = 0;
  return ({ name, positional, named, input }: Directive): string => {
    switch (name) {
      case 'total':
        return String(total);
      case 'add': {
        for (const each of [...positional, ...(named.get('by') ?? [])]) total += Number(each);
        const [note] = named.get('note') ?? [];
        return note === undefined ? `${total}\n` : `${total}\nnote: ${note}\n`;
      }
      case 'lines': {
        const lines = input.split('\n').filter((line) => line !== '');
        return [`${lines.length} lines`, '', ...lines].join('\n');
      }
      case 'silent':
        return '';
      default:
        throw new Error(`no directive ${name}`);
    }
  };
}

await runScripts(new URL('./testdata/', import.meta.url), calculator);

describe('runScript', () => {
  it('replaces what was expected by what was printed, and nothing else', async () => {
    const text = '# Note.\n\nadd 1\n----\n7\n\ntotal\n----\n1\n';
    const ran = await runScript(text, 'file', calculator());
    expect(ran.text).toBe(text);
    expect(ran.updated).toBe('# Note.\n\nadd 1\n----\n1\n\ntotal\n----\n1\n');
  });

  it('puts output with an empty line between doubled separators', async () => {
    const ran = await runScript('lines\na\n----\n', 'file', calculator());
    expect(ran.updated).toBe('lines\na\n----\n----\n1 lines\n\na\n----\n----\n');
    expect((await runScript(ran.updated, 'file', calculator())).text).toBe(ran.updated);
  });

  it.each([
    ['total\n', 'file:1: "total" has no ----'],
    ['# x\ntotal\n----\n----\n0\n', 'file:2: its output has no end: two lines of ----'],
    ['add a=1 a=2\n----\n', 'file:1: a is given twice'],
    ['add (1\n----\n', `file:1: can't read the arguments from "(1"`],
  ])('says where %j is wrong', async (text, message) => {
    await expect(runScript(text, 'file', calculator())).rejects.toThrow(message);
  });
});

describe('wantsUpdate', () => {
  it('is refused in CI', () => {
    expect(wantsUpdate({})).toBe(false);
    expect(wantsUpdate({ UPDATE: '1' })).toBe(true);
    expect(wantsUpdate({ UPDATE: '0', CI: 'true' })).toBe(false);
    expect(() => wantsUpdate({ UPDATE: '1', CI: 'true' })).toThrow(/CI must not/);
  });

  it('needs scripts', async () => {
    await expect(runScripts('/nowhere', calculator)).rejects.toThrow(/ENOENT/);
  });
});
