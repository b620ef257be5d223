/**
 * Settings from a YAML file, under the names of their variables in another spelling:
 * RAFT_ELECTION_TIMEOUT_MS is `raft.electionTimeoutMs`, as one dotted key or as nested maps. The
 * values go the same way as those of the environment from there on; here only what a file can have
 * wrong is found: names, types, and its syntax. Where it is read: parse.ts.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { SettingProblem } from './definition.ts';
import type { AnySettings, Setting } from './setting.ts';

/** The variable that names the file, in apps that have `configFileSettings`. */
export const configFileVariable = 'CONFIG_FILE';

/** A value as the environment would have it, and where it stands: `config.yaml:3 raft.x`. */
export type FileValue = { readonly text: string; readonly place: string };

export type FileSettings = {
  /** By variable: a setting's, or that of the file of a secret (`ADMIN_TOKEN_FILE`). */
  readonly values: ReadonlyMap<string, FileValue>;
  /** In the order of the file. */
  readonly problems: readonly SettingProblem[];
};

/** `RAFT_ELECTION_TIMEOUT_MS` → `raft.electionTimeoutMs`. A name of one word stays one. */
export function settingFileName(variable: string): string {
  const [group = '', ...rest] = variable.toLowerCase().split('_');
  if (rest.length === 0) return group;
  const [first = '', ...others] = rest;
  const name = others.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
  return `${group}.${first}${name}`;
}

/** Deeper ones are no settings; the parser itself is bounded by the size of the file. */
const depthMax = 8;

/**
 * Reads the text of a file.
 *
 * @param path shown with each problem, before the line
 */
export function readSettingsFile(settings: AnySettings, path: string, text: string): FileSettings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => `${path}:${lines.linePos(offset).line}`;
  const reader = new FileReader(entriesOf(settings), at);
  for (const { message, pos } of document.errors) reader.problem(at(pos[0]), message);
  if (document.errors.length > 0) return reader.result();
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return reader.result();
  if (isMap(contents)) reader.map('', contents, 1);
  else reader.problem(at(offsetOf(contents)), 'must hold a map of settings');
  return reader.result();
}

type FileEntry = {
  readonly variable: string;
  readonly setting: Setting<unknown>;
  /** The value itself would be a secret; it is refused. */
  readonly isSecret: boolean;
};

function entriesOf(settings: AnySettings): ReadonlyMap<string, FileEntry> {
  const entries = new Map<string, FileEntry>();
  for (const setting of Object.values(settings)) {
    const { env, secret } = setting;
    // A file can't name another one of its kind.
    if (env === configFileVariable) continue;
    entries.set(settingFileName(env), { variable: env, setting, isSecret: secret });
    if (!secret) continue;
    const variable = `${env}_FILE`;
    entries.set(settingFileName(variable), { variable, setting, isSecret: false });
  }
  return entries;
}

class FileReader {
  readonly #entries: ReadonlyMap<string, FileEntry>;
  readonly #at: (offset: number) => string;
  readonly #values = new Map<string, FileValue>();
  readonly #problems: SettingProblem[] = [];

  constructor(entries: ReadonlyMap<string, FileEntry>, at: (offset: number) => string) {
    this.#entries = entries;
    this.#at = at;
  }

  result(): FileSettings {
    return { values: this.#values, problems: this.#problems };
  }

  problem(place: string, message: string): void {
    this.#problems.push({ env: place, message });
  }

  map(prefix: string, node: Node, depth: number): void {
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? `${prefix}${String(key.value)}` : `${prefix}?`;
      const offset = offsetOf(isScalar(key) ? key : node);
      const place = `${this.#at(offset)} ${name}`;
      // Never followed, so that a short file can't stand for a long one.
      if (isAlias(value)) this.problem(place, 'is an alias: write the value itself');
      else if (isMap(value) && depth < depthMax && !this.#entries.has(name)) {
        this.map(`${name}.`, value, depth + 1);
      } else this.#value(name, isNode(value) ? value : null, place);
    }
  }

  #value(name: string, node: Node | null, place: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) {
      this.problem(place, `is not a known setting${this.#similar(name)}`);
      return;
    }
    const { isSecret, setting, variable } = entry;
    if (isSecret) {
      this.problem(place, `is secret: name a file with ${settingFileName(`${variable}_FILE`)}`);
      return;
    }
    if (this.#values.has(variable)) {
      this.problem(place, 'is there twice');
      return;
    }
    // As an empty variable: unset.
    if (node === null || (isScalar(node) && node.value === null)) return;
    const text = textOf(node, variable === setting.env ? setting : { form: 'text' });
    if (text === null) this.problem(place, formTexts[setting.form]);
    else this.#values.set(variable, { text, place });
  }

  /** A name that differs in case, dashes or underscores only. */
  #similar(name: string): string {
    const meant = [...this.#entries.keys()].find((known) => lettersOf(known) === lettersOf(name));
    return meant === undefined ? '' : `; ${meant} is`;
  }
}

const formTexts: Readonly<Record<Setting<unknown>['form'], string>> = {
  text: 'must be a text (in quotes, where YAML reads something else)',
  number: 'must be a number, without quotes',
  duration: 'must be a number of milliseconds, or a text such as 90s',
  boolean: 'must be true or false, without quotes',
  list: 'must be a list of texts, or a text with commas',
};

/** Null where the value isn't of the form that the setting takes. */
function textOf(node: Node, { form }: Pick<Setting<unknown>, 'form'>): string | null {
  if (isSeq(node)) {
    if (form !== 'list') return null;
    const items = node.items.map((item) => (isScalar(item) ? item.value : null));
    return items.every(isListItem) ? items.join(',') : null;
  }
  if (!isScalar(node)) return null;
  const { value } = node;
  switch (typeof value) {
    case 'string':
      return form === 'text' || form === 'duration' || form === 'list' ? value : null;
    case 'number':
      return form === 'number' || form === 'duration' ? numberText(value) : null;
    case 'boolean':
      return form === 'boolean' ? String(value) : null;
    default:
      return null;
  }
}

function isListItem(value: unknown): boolean {
  return typeof value === 'string' && !value.includes(',');
}

function lettersOf(name: string): string {
  return name.replaceAll(/[-_.]/g, '').toLowerCase();
}

/** In full: a chart writes 1000000 as 1e+06. */
function numberText(value: number): string {
  return Number.isSafeInteger(value) ? BigInt(value).toString() : String(value);
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value);
}

function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}
