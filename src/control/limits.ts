/**
 * What a client may take from esmd. Input from outside has limits before it has meaning; the two
 * sockets count separately, so that users on status.sock cannot crowd root out.
 */

/** Bounds of one socket. */
export type EndpointLimits = Readonly<{
  /** Connections that are served. As many again are told 503; more are closed without a word. */
  connections: number;
  /** Event streams among them. */
  streams: number;
}>;

export const rootLimits: EndpointLimits = { connections: 256, streams: 64 };
export const statusLimits: EndpointLimits = { connections: 64, streams: 16 };

/** For the whole request, header and body, counted from the connection or the last reply. */
export const requestMs = 5_000;

/** For the daemon to answer, and for the client to take the answer. */
export const replyMs = 10_000;

/** For the client of a stream that was cut to take what had been queued for it. */
export const drainMs = 60_000;

export const headerBytes = 8 * 1024;
export const targetBytes = 2 * 1024;
export const bodyBytes = 64 * 1024;

/** A stream that has more than this waiting is cut. */
export const streamBytes = 256 * 1024;

/** How much of the history is handed to a stream at once. */
export const replayBytes = 64 * 1024;
