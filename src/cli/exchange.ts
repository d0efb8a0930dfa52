/** One HTTP request on one unix socket: an answer, or why there is none. No policy. */

import { request, type IncomingMessage } from 'node:http';
import { errorCode } from '../os/error-code.js';

export type Question = Readonly<{
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}>;

export type Exchange =
  /** The header is here; the body is to be read or destroyed. */
  | Readonly<{ type: 'answered'; incoming: IncomingMessage }>
  /** An errno word. `sent`: the daemon may have got the request all the same. */
  | Readonly<{ type: 'failed'; code: string; sent: boolean }>;

/** The largest answer that is read. A thousand services make half a megabyte. */
const mostBytes = 64 * 1024 * 1024;

export function exchange(
  socketPath: string,
  { method, path, body, headers = {} }: Question,
  timeoutMs: number,
): Promise<Exchange> {
  return new Promise((resolve) => {
    let sent = false;
    const fail = (code: string): void => {
      clearTimeout(timer);
      resolve({ type: 'failed', code, sent });
      outgoing.destroy();
    };
    const outgoing = request({ socketPath, method, path, headers, agent: false });
    const timer = setTimeout(() => {
      fail('ETIMEDOUT');
    }, timeoutMs);
    outgoing.on('socket', (socket) => {
      socket.on('connect', () => {
        sent = true;
      });
    });
    outgoing.on('error', (error) => {
      fail(errorCode(error));
    });
    outgoing.on('response', (incoming) => {
      clearTimeout(timer);
      // Without a listener, a connection that breaks later would end the program.
      incoming.on('error', () => undefined);
      resolve({ type: 'answered', incoming });
    });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The whole text of an answer; null if it breaks off, takes too long or is absurdly long. */
export function readText(incoming: IncomingMessage, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => incoming.destroy(), timeoutMs);
    incoming.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > mostBytes) incoming.destroy();
    });
    incoming.on('close', () => {
      clearTimeout(timer);
      resolve(incoming.complete ? Buffer.concat(chunks).toString() : null);
    });
  });
}
