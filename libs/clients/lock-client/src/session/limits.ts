/** Every bound and delay of the client, with its reason. */

/**
 * Operations that one client has under way or waiting. The node keeps as many answers of a session
 * for repetition (unacknowledgedPerSessionMax) and refuses what is beyond.
 */
export const operationsMax = 10_000;

/** A frame holds up everybody else's turn at the node: a tenth of what it takes (4 MiB, 10,000). */
export const frameBytesMax = 400 * 1024;
export const frameOperationsMax = 1_000;

/**
 * Answers that are kept back at the node by an acquire that waits. Beyond it the client tells the
 * node to forget them although the acquire still waits: it finds its place again all the same.
 */
export const unacknowledgedMax = 1_000;

/** Frames whose sending time is remembered. A later one renews, but counts as sent with the last. */
export const unacknowledgedFramesMax = 1_000;

/** An acquire that waits as long as its session lives. */
export const waitMsDefault = 30_000;

/**
 * After the wait is over, the node's own answer may be on its way for so long; then the client
 * ends the wait and cancels it at the node.
 */
export const answerMarginMs = 250;

/** What doesn't wait for a lock is answered within milliseconds; this leaves room for failovers. */
export const callDeadlineMsDefault = 10_000;

/** Timers are rounded up to this: many waits that end about now cost one look at them. */
export const timerGrainMs = 5;

/**
 * A node that says nothing for so long, though it was asked, is given up; twice as long each time
 * in a row, since a whole cluster may be slow. Elections take 150 to 300 ms, a disk that is too
 * slow 500 ms until its leader hands over.
 */
export const silenceMs = 800;

/**
 * At most so patient while no session is open. A cluster that is slow because of many clients
 * would never catch up with them if all gave up, and opened one more session, all the time.
 */
export const openPatienceMaxMs = 12_800;

/** So long nobody is believed who says that a node leads which is silent: it may be frozen. */
export const silentSuspicionMs = 2_000;

/** The same for a node that broke off: the others have noticed it by then. */
export const brokenSuspicionMs = 250;

/** Redirects in a row that are followed at once; beyond it nodes contradict one another. */
export const redirectsMax = 3;

/** Nodes that know no leader: an election takes 150 to 300 ms, and asking makes it no shorter. */
export const electionBackoff = { initialMs: 20, maxMs: 200 };

/** Nodes that don't answer: not at once again, and not so late that their return is missed. */
export const failureBackoff = { initialMs: 20, maxMs: 500 };

/** Redirects without a leader, or to a dead one, after which no election explains them. */
export const electionTriesMax = 20;

/** Closing waits so long for the node to say that everything is released. */
export const closeDeadlineMs = 1_000;

/** Nodes to which connections are kept. Pods that are replaced have new addresses. */
export const addressesKeptMax = 16;

/** One try of a read: a frozen node is given up then. */
export const callTryMs = 2_000;

/** A watch hears a sign of life every 10 s. */
export const watchSilenceMs = 25_000;

/** A watch or an observation that no node serves for so long ends in an error. */
export const watchGiveUpMs = 60_000;
