/**
 * The event streams of one socket. What the daemon publishes is only noted in its turn and
 * written in the next one: a subscriber never stands between a death and a restart.
 */

import type { ServerResponse } from 'node:http';
import type { Event } from '../core/event/event.js';
import type { Sequence } from '../core/units.js';
import type { Daemon } from './api.js';
import { encode, Stream } from './stream.js';

export type StreamRequest = Readonly<{ since: Sequence | null; follow: boolean }>;

export type StreamsOptions = Readonly<{
  daemon: Daemon;
  /** What of an event is shown on this socket. */
  view: (event: Event) => Event;
  /** Runs what nobody above would catch. */
  guard: (work: () => void) => void;
}>;

export class Streams {
  readonly #options: StreamsOptions;
  /** Those that have the past behind them; also those that were cut and count what they lose. */
  readonly #live = new Set<Stream>();
  #unsubscribe: (() => void) | null = null;
  #published: Event[] = [];
  #count = 0;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  /** How many are open, in whatever phase. */
  get count(): number {
    return this.#count;
  }

  /**
   * Sends the history after `since`, and then what comes if `follow` asks for it. Without `since`
   * a follower gets nothing of the past, and others get all that is kept.
   */
  open(response: ServerResponse, { since, follow }: StreamRequest): void {
    const { daemon } = this.#options;
    const past = since === null && follow ? null : daemon.history(since);
    if (follow) this.#subscribe();
    const stream = new Stream(response);
    this.#count += 1;
    response.once('close', () => {
      this.#leave(stream);
    });
    stream.begin();
    if (past === null) {
      this.#live.add(stream);
      return;
    }
    if (since !== null) stream.missed(past.missed);
    this.#replay(stream, past.events, () => {
      if (follow) this.#catchUp(stream, since);
      else stream.end();
    });
  }

  #replay(stream: Stream, events: readonly Event[], done: () => void): void {
    const encoded = events.map((event) => encode(this.#options.view(event)));
    stream.replay(encoded, () => {
      this.#options.guard(done);
    });
  }

  /** More may have happened while the client took the past; it is in the history by now. */
  #catchUp(stream: Stream, since: Sequence | null): void {
    const { last } = stream;
    const past = this.#options.daemon.history(last ?? since);
    const events = past.events.filter(({ sequence }) => last === null || sequence > last);
    if (last !== null) stream.missed(past.missed);
    if (events.length === 0) {
      this.#live.add(stream);
      return;
    }
    this.#replay(stream, events, () => {
      this.#catchUp(stream, since);
    });
  }

  #subscribe(): void {
    this.#unsubscribe ??= this.#options.daemon.subscribe((event) => {
      if (this.#published.push(event) === 1) setImmediate(this.#flush);
    });
  }

  #leave(stream: Stream): void {
    this.#live.delete(stream);
    this.#count -= 1;
    if (this.#count > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  readonly #flush = (): void => {
    const events = this.#published;
    this.#published = [];
    this.#options.guard(() => {
      const encoded = events.map((event) => encode(this.#options.view(event)));
      for (const stream of this.#live) stream.push(encoded);
    });
  };
}
