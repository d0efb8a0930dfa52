/** Clients of a unix socket: a polite one that speaks HTTP, and one that does as it is told. */

import { request, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export type Answer = Readonly<{ status: number; headers: IncomingHttpHeaders; text: string }>;

export type Question = Readonly<{
  method?: string;
  body?: string;
  headers?: Readonly<Record<string, string>>;
}>;

const patienceMs = 20_000;

export function ask(socketPath: string, path: string, question: Question = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', body, headers = {} } = question;
    const outgoing = request({ socketPath, path, method, agent: false, headers }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text });
      });
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    // One that does not answer at all is not waited for; the deadlines of esmd's own are shorter.
    outgoing.setTimeout(patienceMs, () => {
      outgoing.destroy(new Error(`${method} ${path}: no answer within ${patienceMs} ms`));
    });
    outgoing.end(body);
  });
}

/** A connection without manners; it is closed when the test ends. */
export class RawClient {
  readonly socket: Socket;
  text = '';
  isClosed = false;
  readonly connected: Promise<void>;

  constructor(context: TestContext, path: string, opening?: string) {
    this.socket = connect(path);
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk) => (this.text += chunk.toString()));
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    this.connected = new Promise((resolve) => {
      this.socket.on('connect', () => {
        resolve();
      });
    });
    if (opening !== undefined) this.socket.write(opening);
    context.after(() => this.socket.destroy());
  }

  /** The status in the last reply's first line; null before it came. */
  get status(): number | null {
    const found = [...this.text.matchAll(/^HTTP\/1\.1 (\d+) /gm)].at(-1)?.[1];
    return found === undefined ? null : Number(found);
  }
}

/** The events of a stream's text: fields by name. */
export function parseStream(text: string): readonly Readonly<Record<string, string>>[] {
  const body = text
    .slice(text.indexOf('\r\n\r\n') + 4)
    .replaceAll(/(?:^|\r\n)[0-9a-f]+\r\n/g, '')
    .replaceAll('\r\n', '');
  return body
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) =>
      Object.fromEntries(
        block.split('\n').map((line) => {
          const colon = line.indexOf(': ');
          return [line.slice(0, colon), line.slice(colon + 2)];
        }),
      ),
    );
}
