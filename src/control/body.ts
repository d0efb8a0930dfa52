/** A request's body, up to the limit; the rest is left unread, and the connection must go. */

import type { IncomingMessage } from 'node:http';

export type Body =
  | Readonly<{ type: 'whole'; text: string }>
  | Readonly<{ type: 'too large' }>
  /** The client left, or was cut off, before it had sent everything. */
  | Readonly<{ type: 'broken off' }>;

export function readBody(
  request: IncomingMessage,
  limit: number,
  done: (body: Body) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const settle = (body: Body): void => {
    request.off('data', take).off('end', end).off('close', breakOff);
    done(body);
  };
  const breakOff = (): void => {
    settle({ type: 'broken off' });
  };
  const end = (): void => {
    settle({ type: 'whole', text: Buffer.concat(chunks).toString() });
  };
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    chunks.push(chunk);
    if (size <= limit) return;
    request.pause();
    settle({ type: 'too large' });
  };
  // An aborted request emits an error besides its close; nobody is left to be told.
  request.on('error', () => undefined);
  request.on('close', breakOff).on('end', end).on('data', take);
}

/** The options of a request that changes something; null if the text is not an object of them. */
export function requestOptions(text: string): Readonly<{ force: boolean }> | null {
  if (text.trim() === '') return { force: false };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const force: unknown = 'force' in value ? value.force : false;
  return typeof force === 'boolean' ? { force } : null;
}
