/**
 * One connection and its deadline. Node's own timeouts are off: they are checked by an interval
 * that would wake an idle esmd for ever. Here a timer exists only while a client owes something.
 */

import type { Socket } from 'node:net';
import { replyMs, requestMs } from './limits.js';
import { errorReply, rawReply, type Reply } from './reply.js';

/**
 * What is awaited: a first request, another one after a reply, the rest of one whose header is
 * here, an answer or that the client takes it, or nothing.
 */
type Phase = 'arriving' | 'resting' | 'receiving' | 'answering' | 'streaming';

export class Connection {
  readonly #socket: Socket;
  /** Beyond the number that is served: it is told so and closed. */
  readonly isSurplus: boolean;
  #phase: Phase = 'arriving';
  #timer: NodeJS.Timeout | null = null;
  /** What had been received when the last reply was done. */
  #bytesBefore = 0;

  constructor(socket: Socket, isSurplus: boolean) {
    this.#socket = socket;
    this.isSurplus = isSurplus;
    this.#within(requestMs);
    socket.on('close', () => {
      this.#clear();
    });
  }

  /** False while a request is open: one at a time keeps replies and deadlines apart. */
  get isFree(): boolean {
    return this.#phase === 'arriving' || this.#phase === 'resting';
  }

  /** The header is here; the body still counts against the request's deadline. */
  headerCame(): void {
    this.#phase = 'receiving';
  }

  requestCame(): void {
    this.#phase = 'answering';
    this.#within(replyMs);
  }

  streams(): void {
    this.#phase = 'streaming';
    this.#clear();
  }

  replied(): void {
    this.#phase = 'resting';
    this.#bytesBefore = this.#socket.bytesRead;
    this.#within(requestMs);
  }

  /**
   * Answers what is no request and closes. libuv tries a write at once, so the reply is in the
   * kernel before the socket is closed, and a peer reads it even though we read no more.
   */
  refuse(reply: Reply): void {
    const isUnanswered = this.isFree || this.#phase === 'receiving';
    if (isUnanswered && this.#socket.writable) this.#socket.write(rawReply(reply));
    this.#socket.destroy();
  }

  #within(ms: number): void {
    this.#clear();
    if (this.#socket.destroyed) return;
    this.#timer = setTimeout(() => {
      this.#expired();
    }, ms);
  }

  #clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #expired(): void {
    // A client that keeps a connection in reserve has asked for nothing and is told nothing.
    if (this.#phase === 'resting' && this.#socket.bytesRead === this.#bytesBefore) {
      this.#socket.destroy();
    } else {
      this.refuse(errorReply('late', `Cannot wait: the request was not whole in ${requestMs} ms`));
    }
  }
}
