import http from 'node:http';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { currentTraceparent, runWithTraceparent } from './trace-context.ts';
import { startSpan, startTracing, withSpan } from './tracing.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const incoming = `00-${traceId}-00f067aa0ba902b7-01`;

describe('the trace context', () => {
  it('is carried through everything asynchronous, and ends with its run', async () => {
    await runWithTraceparent(incoming, async () => {
      await nextTurn();
      expect(currentTraceparent()).toBe(incoming);
    });
    expect(currentTraceparent()).toBeNull();
  });

  it('is not shared by what runs beside it', async () => {
    const other = incoming.replace('00f067aa0ba902b7', '00f067aa0ba902b8');
    const seen = await Promise.all(
      [incoming, other, null].map((traceparent) =>
        runWithTraceparent(traceparent, async () => {
          await nextTurn();
          return currentTraceparent();
        }),
      ),
    );
    expect(seen).toEqual([incoming, other, null]);
  });

  it.each([
    '',
    'nonsense',
    incoming.toUpperCase(),
    `01${incoming.slice(2)}`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `${incoming}-more`,
    `${incoming}\n`,
    undefined,
    null,
  ])('counts %j as none', (traceparent) => {
    expect(runWithTraceparent(traceparent, currentTraceparent)).toBeNull();
  });
});

describe('without an endpoint', () => {
  it('a span is just a call, and the context still travels', async () => {
    const tracing = startTracing({ app: 'demo', otlpEndpoint: null });
    const seen = runWithTraceparent(incoming, () =>
      withSpan('work', { a: 1 }, (span) => [span.traceparent, currentTraceparent()]),
    );
    expect(seen).toEqual([incoming, incoming]);
    const span = startSpan('request', {}, 'server', incoming);
    expect(span.run(currentTraceparent)).toBe(incoming);
    expect(startSpan('request', {}, 'server', 'nonsense').run(currentTraceparent)).toBeNull();
    span.setAttribute('a', 1);
    span.end();
    await tracing.stop();
  });
});

type ExportedSpan = {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly status: { readonly code: number; readonly message?: string };
};

/** The spans of an export in OTLP's JSON form; none where it went to another address. */
async function spansIn(request: http.IncomingMessage): Promise<readonly ExportedSpan[]> {
  const { resourceSpans } = JSON.parse(await text(request));
  const spans = resourceSpans[0].scopeSpans.flatMap(
    (scope: { readonly spans: unknown }) => scope.spans,
  );
  return request.url === '/v1/traces' ? spans : [];
}

describe('with an endpoint', () => {
  const spans: ExportedSpan[] = [];
  let collector: http.Server;
  let endpoint = '';
  beforeEach(async () => {
    spans.length = 0;
    collector = http.createServer((request, response) => {
      void spansIn(request).then((received) => {
        spans.push(...received);
        return response.setHeader('content-type', 'application/json').end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const address = collector.address();
    endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
  });
  afterEach(() => new Promise((resolve) => collector.close(resolve)));

  it('exports spans with their parents at the stop', async () => {
    const tracing = startTracing({ app: 'demo', otlpEndpoint: endpoint });
    const request = startSpan('POST /x', { route: '/x' }, 'server', incoming);
    const published = await request.run(() =>
      withSpan('store', {}, async () => {
        await nextTurn();
        return withSpan('publish', {}, () => currentTraceparent(), 'producer');
      }),
    );
    request.end();
    await tracing.stop();

    expect(published).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    const byName = new Map(spans.map((span) => [span.name, span]));
    expect([...byName.keys()].toSorted()).toEqual(['POST /x', 'publish', 'store']);
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
    expect(byName.get('POST /x')).toMatchObject({ parentSpanId: '00f067aa0ba902b7', kind: 2 });
    expect(byName.get('store')?.parentSpanId).toBe(byName.get('POST /x')?.spanId);
    expect(byName.get('publish')?.parentSpanId).toBe(byName.get('store')?.spanId);
    expect(byName.get('publish')?.kind).toBe(4);
  });

  it('marks what failed, without secrets, and hands the error on', async () => {
    const tracing = startTracing({ app: 'demo', otlpEndpoint: endpoint });
    const error = new Error('postgres://u:hunter2@db is away');
    const fails = () => {
      throw error;
    };
    expect(() => withSpan('sync', {}, fails)).toThrow(error);
    await expect(withSpan('async', {}, async () => fails())).rejects.toBe(error);
    await tracing.stop();
    expect(spans.map(({ name, status }) => [name, status.code])).toEqual([
      ['sync', 2],
      ['async', 2],
    ]);
    expect(spans[0]?.status.message).toBe('Error: postgres://***@db is away');
  });

  it('does not record what the caller chose not to sample', async () => {
    const tracing = startTracing({ app: 'demo', otlpEndpoint: endpoint });
    startSpan('quiet', {}, 'server', incoming.replace(/01$/, '00')).end();
    await tracing.stop();
    expect(spans).toEqual([]);
  });

  it('starts once per process, and again after a stop', async () => {
    const tracing = startTracing({ app: 'demo', otlpEndpoint: endpoint });
    expect(() => startTracing({ app: 'demo', otlpEndpoint: endpoint })).toThrow('started twice');
    await tracing.stop();
    await startTracing({ app: 'demo', otlpEndpoint: endpoint }).stop();
  });
});
