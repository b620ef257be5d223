/** What PostgreSQL's text and jsonb can't hold: NUL characters and unpaired surrogates. */
import { unstorableText } from '../errors.ts';

/** JSON.stringify writes both as escapes, and only these: a pair of surrogates it leaves as is. */
const unstorableEscape = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** JSON of what a caller sent. @throws `validation-failed` where it can't be stored */
export function callersJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (unstorableEscape.test(json)) throw unstorableText();
  return json;
}

/** JSON of what the cluster or we say; what can't be stored is replaced by U+FFFD. */
export function ownJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (!unstorableEscape.test(json)) return json;
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'string' ? item.toWellFormed().replaceAll('\0', '\uFFFD') : item,
  );
}

/** Messages of errors are for people; more than this is a dump. */
const messageLengthMax = 4_096;

export function boundedMessage(message: string): string {
  return message.length <= messageLengthMax
    ? message
    : `${message.slice(0, messageLengthMax - 1)}…`;
}
