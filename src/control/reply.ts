/**
 * Replies as bytes. An error is always `{"error":{"code","message"}}`, with the same words as the
 * problem it came from.
 */

import type { Problem } from '../core/result.js';

export type Reply = Readonly<{
  status: number;
  contentType: string;
  body: Buffer;
  headers?: Readonly<Record<string, string>>;
}>;

export const json = (status: number, value: unknown): Reply => ({
  status,
  contentType: 'application/json',
  body: Buffer.from(`${JSON.stringify(value)}\n`),
});

export const openMetrics = (text: string): Reply => ({
  status: 200,
  contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  body: Buffer.from(text),
});

const errors = {
  badRequest: [400, 'ESM_BAD_REQUEST'],
  notFound: [404, 'ESM_NOT_FOUND'],
  unknownService: [404, 'ESM_UNKNOWN_SERVICE'],
  method: [405, 'ESM_METHOD'],
  late: [408, 'ESM_LATE'],
  tooLarge: [413, 'ESM_BODY_TOO_LARGE'],
  targetTooLong: [414, 'ESM_TARGET_TOO_LONG'],
  tooManyStreams: [429, 'ESM_TOO_MANY_STREAMS'],
  headerTooLarge: [431, 'ESM_HEADER_TOO_LARGE'],
  internal: [500, 'ESM_INTERNAL'],
  busy: [503, 'ESM_BUSY'],
} as const;

export type ErrorName = keyof typeof errors;

export function errorReply(
  name: ErrorName,
  message: string,
  headers?: Readonly<Record<string, string>>,
): Reply {
  const [status, code] = errors[name];
  const reply = json(status, { error: { code, message } });
  return headers === undefined ? reply : { ...reply, headers };
}

/** The daemon's refusals and what it does not know; anything else is its failure. */
export function problemReply(problem: Problem): Reply {
  const { code, message, remedy } = problem;
  const status = code === 'ESM_REFUSED' ? 409 : code === 'ESM_UNKNOWN_SERVICE' ? 404 : 500;
  return json(status, {
    error: remedy === undefined ? { code, message } : { code, message, remedy },
  });
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
};

/** A whole reply for a connection on which there was no request to answer. */
export function rawReply(reply: Reply): string {
  return [
    `HTTP/1.1 ${reply.status} ${reasons[reply.status] ?? 'Error'}`,
    `Content-Type: ${reply.contentType}`,
    `Content-Length: ${reply.body.length}`,
    'Connection: close',
    '',
    reply.body.toString(),
  ].join('\r\n');
}
