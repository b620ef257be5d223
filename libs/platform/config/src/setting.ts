/** The kinds of settings: how each is read from text, and what it says about itself. */
import { fail, ok, type Result, required } from '@windlass/base';

/** What a value is in a settings file, where types are told apart; see settings-file.ts. */
export type SettingForm = 'text' | 'number' | 'duration' | 'boolean' | 'list';

/** One setting. Made by the functions of `setting`, never by hand. */
export type Setting<Value> = {
  readonly env: string;
  readonly form: SettingForm;
  readonly description: string;
  /** For tables: `whole number, 0 to 65535`. */
  readonly type: string;
  /** Absent text (unset or empty) gives this; `required` refuses. */
  readonly absent:
    | { readonly kind: 'value'; readonly value: Value }
    | { readonly kind: 'required' };
  /** For tables; empty where there is no default. */
  readonly defaultText: string;
  /** Never shown; may also come from the file that `<env>_FILE` names. */
  readonly secret: boolean;
  /** Reads non-empty text. The failure continues `<env> …`. */
  readonly parse: (text: string) => Result<Value, string>;
};

export type AnySettings = Readonly<Record<string, Setting<unknown>>>;

export type SettingsOfMap<Map extends AnySettings> = {
  readonly [Key in keyof Map]: Map[Key] extends Setting<infer Value> ? Value : never;
};

type Common = { readonly env: string; readonly description: string };
/** Nothing given: required. `optional`: null where absent. */
type Presence<Value> = { readonly default?: Value; readonly optional?: boolean };
type Valued<Value, Options> = Options extends { readonly optional: true } ? Value | null : Value;

/** No value is longer, unless a setting says so: longer ones are a file pasted by mistake. */
const textLengthMax = 4096;
/** No list has more items, unless a setting says so. */
const itemsMaxDefault = 1000;
/** Values are quoted in problems up to this length. */
const quotedLengthMax = 64;

type StringOptions = Common &
  Presence<string> & {
    readonly minLength?: number;
    readonly maxLength?: number;
    readonly pattern?: RegExp;
    /** What the pattern asks for, in words: `a DNS label`. */
    readonly form?: string;
  };

function string<const Options extends StringOptions>(
  options: Options,
): Setting<Valued<string, Options>> {
  const form = options.form ?? 'text';
  return build<string, Options>(options, 'text', form, false, String, (text) =>
    checkText(text, options, form, quote(text)),
  );
}

type SecretOptions = Common & Presence<never> & { readonly minLength?: number };

/** A value that is never shown, also readable from the file that `<env>_FILE` names. */
function secret<const Options extends SecretOptions>(
  options: Options,
): Setting<Valued<string, Options>> {
  return build<string, Options>(
    options,
    'text',
    'secret',
    true,
    () => '***',
    (text) => checkText(text, { ...options, maxLength: 65_536 }, 'text', 'another'),
  );
}

type NumberOptions = Common & Presence<number> & { readonly min?: number; readonly max?: number };

function integer<const Options extends NumberOptions>(
  options: Options,
): Setting<Valued<number, Options>> {
  return wholeNumber(options, 'whole number', '');
}

/** Milliseconds. Takes `1500`, `1500ms`, `90s`, `5m`, `2h`. */
function durationMs<const Options extends NumberOptions>(
  options: Options,
): Setting<Valued<number, Options>> {
  return wholeNumber({ min: 0, ...options }, 'duration', ' ms');
}

function boolean<const Options extends Common & Presence<boolean>>(
  options: Options,
): Setting<Valued<boolean, Options>> {
  return build<boolean, Options>(options, 'boolean', '`true` or `false`', false, String, (text) => {
    if (/^(?:true|1|yes|on)$/i.test(text)) return ok(true);
    if (/^(?:false|0|no|off)$/i.test(text)) return ok(false);
    return fail(`must be true or false, not ${quote(text)}`);
  });
}

function oneOf<
  const Options extends Common & Presence<string> & { readonly values: readonly string[] },
>(options: Options): Setting<Valued<Options['values'][number], Options>> {
  const values: readonly string[] = options.values;
  const type = values.map((value) => `\`${value}\``).join(', ');
  return build<Options['values'][number], Options>(options, 'text', type, false, String, (text) =>
    values.includes(text)
      ? ok(text)
      : fail(`must be one of ${values.join(', ')}, not ${quote(text)}`),
  );
}

type ListOptions = Common &
  Presence<readonly string[]> & {
    readonly itemsMax?: number;
    readonly itemPattern?: RegExp;
    /** What the pattern asks of an item, in words: `an address range (CIDR)`. */
    readonly itemForm?: string;
  };

/** Items separated by commas; spaces around them and empty items are dropped. */
function list<const Options extends ListOptions>(
  options: Options,
): Setting<Valued<readonly string[], Options>> {
  const itemsMax = options.itemsMax ?? itemsMaxDefault;
  const itemForm = options.itemForm ?? 'text';
  return build<readonly string[], Options>(
    options,
    'list',
    `list of ${itemForm}`,
    false,
    String,
    (text) => {
      const items = splitList(text);
      if (items.length > itemsMax) {
        return fail(`must have at most ${itemsMax} items, not ${items.length}`);
      }
      const bad = items.filter((item) => options.itemPattern?.test(item) === false);
      if (bad.length === 0) return ok(items);
      const named = bad.slice(0, 3).map(quote).join(', ');
      return fail(`must be a list of ${itemForm}, separated by commas; not so: ${named}`);
    },
  );
}

type UrlOptions = Common &
  Presence<string> & {
    /** Accepted schemes with their colon: `['postgres:', 'postgresql:']`. */
    readonly protocols: readonly string[];
    /** Several, separated by commas; the value stays one text. */
    readonly several?: boolean;
    /** Holds a password: never shown, and readable from `<env>_FILE`. */
    readonly secret?: boolean;
  };

/** An absolute URL, kept as its text. Values are never quoted: they may hold a password. */
function url<const Options extends UrlOptions>(options: Options): Setting<Valued<string, Options>> {
  const schemes = options.protocols.map((protocol) => `${protocol}//`).join(' or ');
  const type = options.several === true ? 'URLs separated by commas' : 'URL';
  const isSecret = options.secret ?? false;
  const show = (value: string) => (isSecret ? '***' : withoutUserinfo(value));
  return build<string, Options>(options, 'text', `${type} (${schemes})`, isSecret, show, (text) => {
    const parts = options.several === true ? splitList(text) : [text];
    const good = parts.every((part) => isUrl(part, options.protocols));
    return good && parts.length > 0
      ? ok(text)
      : fail(`must be ${options.several === true ? type : 'a URL'} that starts with ${schemes}`);
  });
}

/** Makers of settings: `setting.integer({ env: 'HTTP_PORT', default: 8000, … })`. */
export const setting = { string, secret, integer, durationMs, boolean, oneOf, list, url };

function build<Value, Options extends Common & Presence<Value>>(
  options: Options,
  form: SettingForm,
  type: string,
  isSecret: boolean,
  show: (value: Value) => string,
  parse: (text: string) => Result<Value, string>,
): Setting<Valued<Value, Options>> {
  const absent =
    options.default !== undefined
      ? { kind: 'value' as const, value: options.default }
      : options.optional === true
        ? { kind: 'value' as const, value: null }
        : { kind: 'required' as const };
  const built: Setting<Value | null> = {
    env: options.env,
    form,
    description: options.description,
    type,
    absent,
    defaultText: options.default === undefined ? '' : show(options.default),
    secret: isSecret,
    parse,
  };
  // Null is only among the values where `optional` is true, which is what Valued says.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- not expressible otherwise
  return built as Setting<Valued<Value, Options>>;
}

function wholeNumber<Options extends NumberOptions>(
  options: Options,
  name: string,
  unit: '' | ' ms',
): Setting<Valued<number, Options>> {
  const min = options.min ?? Number.MIN_SAFE_INTEGER;
  const max = options.max ?? Number.MAX_SAFE_INTEGER;
  const range = rangeText(options.min, options.max, unit);
  const show = (value: number) => (unit === ' ms' ? durationText(value) : String(value));
  const form = unit === ' ms' ? 'duration' : 'number';
  return build<number, Options>(options, form, `${name}${range}`, false, show, (text) => {
    const value = unit === ' ms' ? readDurationMs(text) : readWholeNumber(text);
    if (value !== null && value >= min && value <= max) return ok(value);
    const forms = unit === ' ms' ? ' (such as 1500ms, 90s, 5m or 2h)' : '';
    return fail(`must be a ${name}${range}${forms}, not ${quote(text)}`);
  });
}

function rangeText(min: number | undefined, max: number | undefined, unit: '' | ' ms'): string {
  const show = (value: number) => (unit === ' ms' ? durationText(value) : String(value));
  if (min !== undefined && max !== undefined) return ` from ${show(min)} to ${show(max)}`;
  if (min !== undefined) return ` of at least ${show(min)}`;
  return max === undefined ? '' : ` of at most ${show(max)}`;
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: secondMs, m: minuteMs, h: hourMs };

function readDurationMs(text: string): number | null {
  const match = /^(\d{1,15})(ms|s|m|h)?$/.exec(text);
  if (match === null) return null;
  const valueMs = Number(match[1]) * required(unitsMs[match[2] ?? 'ms'], 'unit');
  return Number.isSafeInteger(valueMs) ? valueMs : null;
}

function durationText(valueMs: number): string {
  if (valueMs === 0) return '0ms';
  if (valueMs % hourMs === 0) return `${valueMs / hourMs}h`;
  if (valueMs % minuteMs === 0) return `${valueMs / minuteMs}m`;
  return valueMs % secondMs === 0 ? `${valueMs / secondMs}s` : `${valueMs}ms`;
}

function readWholeNumber(text: string): number | null {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : null;
}

function checkText(
  text: string,
  options: Pick<StringOptions, 'minLength' | 'maxLength' | 'pattern'>,
  form: string,
  shown: string,
): Result<string, string> {
  const minLength = options.minLength ?? 1;
  const maxLength = options.maxLength ?? textLengthMax;
  if (text.length < minLength || text.length > maxLength) {
    return fail(`must have ${minLength} to ${maxLength} characters, not ${text.length}`);
  }
  if (options.pattern?.test(text) === false) return fail(`must be ${form}, not ${shown}`);
  return ok(text);
}

function isUrl(text: string, protocols: readonly string[]): boolean {
  const parsed = URL.parse(text);
  return (
    parsed !== null && protocols.includes(parsed.protocol) && /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
  );
}

function withoutUserinfo(text: string): string {
  return text.replaceAll(/:\/\/[^/@,]*@/g, '://***@');
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function quote(text: string): string {
  const shown = text.length > quotedLengthMax ? `${text.slice(0, quotedLengthMax)}…` : text;
  return JSON.stringify(shown);
}
