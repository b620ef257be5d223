/** Reads a stream of server-sent events (WHATWG HTML, section 9.2.6), piece by piece. */

export type SseEvent = {
  /** The last id that the stream gave, with this event or before it. Null: none yet. */
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
};

export type SseParser = {
  /** Takes the next piece; gives the events that it completes. */
  readonly push: (text: string) => readonly SseEvent[];
  /** The pause before connecting again that the stream asked for, in milliseconds. */
  readonly retryMs: () => number | null;
};

/** @param eventCharsMax an event longer than this ends in a RangeError */
export function createSseParser(eventCharsMax: number): SseParser {
  let rest = '';
  let lastId: string | null = null;
  let retryMs: number | null = null;
  let event = '';
  let data: string[] = [];
  let dataChars = 0;

  return { push, retryMs: () => retryMs };

  function push(text: string): readonly SseEvent[] {
    const buffer = rest + text;
    const events: SseEvent[] = [];
    let lineStart = 0;
    // A carriage return at the very end may be the first half of a line end: it waits.
    for (const end of buffer.matchAll(/\r\n|\n|\r(?!$)/g)) {
      const line = buffer.slice(lineStart, end.index);
      lineStart = end.index + end[0].length;
      if (line === '') complete(events);
      else takeLine(line);
    }
    rest = buffer.slice(lineStart);
    if (rest.length + dataChars > eventCharsMax) {
      throw new RangeError(`an event has more than ${eventCharsMax} characters`);
    }
    return events;
  }

  function takeLine(line: string): void {
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    // Comments have an empty field name; unknown fields are left out as well.
    if (field === 'event') event = value;
    if (field === 'id' && !value.includes('\0')) lastId = value;
    if (field === 'retry' && /^\d+$/.test(value)) retryMs = Number(value);
    if (field === 'data') {
      data.push(value);
      dataChars += value.length;
    }
  }

  function complete(events: SseEvent[]): void {
    if (data.length > 0) {
      events.push({ id: lastId, event: event === '' ? 'message' : event, data: data.join('\n') });
    }
    event = '';
    data = [];
    dataChars = 0;
  }
}
