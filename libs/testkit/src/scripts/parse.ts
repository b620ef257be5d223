/**
 * The format of data-driven tests:
 *
 *   # A comment, kept as it is.
 *   directive positional key=value key=(several,values)
 *   input, any number of lines
 *   ----
 *   expected output, up to an empty line
 *
 * Output that has empty lines stands between two pairs of separators:
 *
 *   directive
 *   ----
 *   ----
 *   output
 *
 *   more output
 *   ----
 *   ----
 */
const separator = '----';

export type Directive = {
  readonly name: string;
  /** Words without a `=`, in order. */
  readonly positional: readonly string[];
  /** `key=value` has one value, `key=(a,b)` several. */
  readonly named: ReadonlyMap<string, readonly string[]>;
  /** Lines between the directive and the separator. */
  readonly input: string;
  /** file:line, for messages. */
  readonly location: string;
};

export type Step = {
  readonly directive: Directive;
  /** Without the line break at its end. */
  readonly expected: string;
};

/** A comment or an empty line that is kept as it is, or a step. */
export type Part =
  | { readonly kind: 'text'; readonly line: string }
  | { readonly kind: 'step'; readonly lines: readonly string[]; readonly step: Step };

/** @throws Error with file:line where the text doesn't follow the format */
export function parseScript(text: string, file: string): Part[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const parts: Part[] = [];
  let next = 0;
  while (next < lines.length) {
    const line = lines[next] ?? '';
    if (line.trim() === '' || line.startsWith('#')) {
      parts.push({ kind: 'text', line });
      next += 1;
      continue;
    }
    const location = `${file}:${next + 1}`;
    const split = lines.indexOf(separator, next);
    if (split === -1) throw new Error(`${location}: "${line}" has no ${separator}`);
    const source = lines.slice(next, split);
    const { expected, end } = readExpected(lines, split + 1, location);
    const directive = parseDirective(line, source.slice(1).join('\n'), location);
    parts.push({ kind: 'step', lines: source, step: { directive, expected } });
    next = end;
  }
  return parts;
}

/** The script again, with what its steps printed as expected output. */
export function formatScript(parts: readonly Part[], outputs: readonly string[]): string {
  let step = 0;
  const blocks = parts.map((part) => {
    if (part.kind === 'text') return part.line;
    const output = outputs[step] ?? '';
    step += 1;
    const doubled = output.split('\n').includes('') && output !== '';
    const fence = doubled ? [separator, separator] : [separator];
    const body = output === '' ? [] : [output];
    return [...part.lines, ...fence, ...body, ...(doubled ? fence : [])].join('\n');
  });
  return `${blocks.join('\n')}\n`;
}

function readExpected(
  lines: readonly string[],
  start: number,
  location: string,
): { readonly expected: string; readonly end: number } {
  if (lines[start] !== separator) {
    const empty = lines.indexOf('', start);
    const end = empty === -1 ? lines.length : empty;
    return { expected: lines.slice(start, end).join('\n'), end };
  }
  for (let end = start + 1; end < lines.length; end += 1) {
    if (lines[end] === separator && lines[end + 1] === separator) {
      return { expected: lines.slice(start + 1, end).join('\n'), end: end + 2 };
    }
  }
  throw new Error(`${location}: its output has no end: two lines of ${separator}`);
}

const argument = /^(?:([\w.-]+)=)?(?:\(([^)]*)\)|([^\s()]+))(?:\s+|$)/;

function parseDirective(line: string, input: string, location: string): Directive {
  const [name = '', ...words] = line.trim().split(/\s+/);
  const positional: string[] = [];
  const named = new Map<string, readonly string[]>();
  let rest = words.join(' ');
  while (rest !== '') {
    const match = argument.exec(rest);
    if (match === null) throw new Error(`${location}: can't read the arguments from "${rest}"`);
    const [whole, key, list, word = ''] = match;
    const values = list === undefined ? [word] : splitList(list);
    if (key === undefined) positional.push(...values);
    else if (named.has(key)) throw new Error(`${location}: ${key} is given twice`);
    else named.set(key, values);
    rest = rest.slice(whole.length);
  }
  return { name, positional, named, input, location };
}

function splitList(list: string): string[] {
  return list.trim() === '' ? [] : list.split(',').map((each) => each.trim());
}
