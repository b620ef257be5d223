/** Every bound of this adapter in one place, each with its reason. */

/** Sockets for calls to one API server. Above the callers' own concurrency (16 in flight). */
export const callSocketsMax = 32;
/** Sockets for watches: one for each list-and-watch of the process, and its successor. */
export const watchSocketsMax = 16;
/** An idle socket is closed after this; the API server's own limit is 90 s, many proxies' 60 s. */
export const idleSocketMs = 30_000;
/** First TCP keep-alive probe on a quiet socket; the kernel gives up about 10 s after it. */
export const tcpKeepAliveMs = 5_000;

/** Deadline of a call whose caller names none; the API server itself gives up after 60 s. */
export const callDeadlineDefaultMs = 15_000;
/** Longest answer. A page of 500 Deployments with their managed fields is around 3 MiB. */
export const answerBytesMax = 64 * 1024 * 1024;
/** Longest message kept from Kubernetes or a proxy; it ends up in rows and answers. */
export const errorMessageCharactersMax = 2_048;
/** Most causes kept of a refusal; an invalid object seldom has more bad fields. */
export const errorCausesMax = 32;

/** Objects per page: what kubectl and client-go ask for. */
export const pageLimit = 500;
/** Pages that one list may have, so that a server that never ends one can't hold us: 500,000 objects. */
export const pagesMax = 1_000;
/** How often a list starts again because its continue token expired. */
export const listRestartsMax = 3;

/** Log bytes returned where the caller names no limit. */
export const logBytesDefault = 256 * 1024;
/** Most log bytes that a caller may ask for: they are held in memory. */
export const logBytesMax = 4 * 1024 * 1024;
/** Most log lines that a caller may ask for. */
export const logLinesMax = 10_000;

/** Credentials are looked at again after this: tokens and certificates rotate on disk. */
export const credentialsMaxAgeMs = 10_000;
/** A credential plugin or token endpoint that takes longer is given up (and asked again later). */
export const credentialsDeadlineMs = 30_000;
/** Credentials are loaded afresh after a 401 at most this often: a plugin may be a slow program. */
export const credentialsReloadMs = 5_000;

/**
 * How long one watch is asked to last. Short, because its end is the proof that the connection
 * still works: the API server sends a bookmark 2 s before it and then ends it in good order, and
 * where neither comes the connection was dropped without a word. So such a drop is noticed within
 * watchSecondsMax + watchGraceMs, 17 s, of the 30 s that the state may be stale. A new watch goes
 * over the same socket, so this costs the API server one request per 12 s.
 */
export const watchSecondsMin = 10;
export const watchSecondsMax = 14;
/** How late the end of a watch may be on a loaded machine before it counts as dropped. */
export const watchGraceMs = 3_000;
/** How long the API server may take to begin its answer to a watch. */
export const watchOpenMs = 5_000;
/** A watch that lived for this long, or brought anything, worked. */
export const watchHealthyMs = 1_000;
/** After so many watches in a row that didn't work, the state is listed again. */
export const watchFailuresMax = 5;

/** A page of a list beside a watch may take this long: it holds up no one else. */
export const listDeadlineMs = 30_000;
/** A whole list beside the watch, as the backstop for what nobody thought of; jittered by 10 %. */
export const relistDefaultMs = 300_000;
/** Pause after a failed list or watch: short at first, as one reset must not cost a second. */
export const retryInitialMs = 100;
/** Longest pause: the state is fresh 5 s after the API server is back. */
export const retryMaxMs = 5_000;
/** Longest Retry-After that is obeyed. */
export const retryAfterMaxMs = 30_000;
/** After so many lists in a row that are older than what was seen, history has been rewritten. */
export const staleListsMax = 5;
