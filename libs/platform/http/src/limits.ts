/** Every bound of the HTTP server, with its reason. */
export type HttpLimits = {
  /** A body may have this many bytes. A full deployment spec has about 20 KiB. */
  readonly bodyBytesMax: number;
  /** Request line and headers together. Node's own bound; room for a large token and cookies. */
  readonly headersBytesMax: number;
  /** Path and query. The longest of ours, a cursor with all filters, stays below 4 KiB. */
  readonly urlLengthMax: number;
  /** One path parameter. Identifiers have at most 63 characters, request ids at most 255. */
  readonly paramLengthMax: number;
  /** Levels of nested JSON. A spec has 8; deeper ones are there to exhaust a recursion. */
  readonly jsonDepthMax: number;
  /** Fields named in one answer. More than anybody reads, little enough to send. */
  readonly fieldProblemsMax: number;
  /** All headers must have arrived after this time: slow senders hold a connection each. */
  readonly headersTimeoutMs: number;
  /** The whole request must have arrived after this time. 256 KiB take 26 s at 10 KiB/s. */
  readonly requestTimeoutMs: number;
  /**
   * A connection with nothing sent or received for this long is closed, also while a handler
   * works: streams must send a heartbeat more often, and no handler may wait longer.
   */
  readonly idleTimeoutMs: number;
  /** An idle keep-alive connection. Longer than the 60 s of usual load balancers: they close first. */
  readonly keepAliveTimeoutMs: number;
  /** How often Node looks for requests that are over their time: they get this much more. */
  readonly timeoutCheckIntervalMs: number;
  /** Open connections; more are closed at once. About 50 KiB each. */
  readonly connectionsMax: number;
};

export const defaultHttpLimits: HttpLimits = {
  bodyBytesMax: 256 * 1024,
  headersBytesMax: 16 * 1024,
  urlLengthMax: 8 * 1024,
  paramLengthMax: 512,
  jsonDepthMax: 32,
  fieldProblemsMax: 100,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  idleTimeoutMs: 120_000,
  keepAliveTimeoutMs: 75_000,
  timeoutCheckIntervalMs: 2_000,
  connectionsMax: 10_000,
};
