/**
 * One event stream and its back-pressure. The past is handed out at the pace of the client; of the
 * present at most `streamBytes` wait for it. Beyond that it is cut: it gets what was queued and
 * then how many it missed, and can come back with the number of the last event it has.
 */

import type { ServerResponse } from 'node:http';
import type { Event } from '../core/event/event.js';
import type { Sequence } from '../core/units.js';
import { drainMs, replayBytes, streamBytes } from './limits.js';

/** An event and its bytes, which all streams of a socket share. */
export type Encoded = Readonly<{ sequence: Sequence; bytes: Buffer }>;

export const encode = (event: Event): Encoded => ({
  sequence: event.sequence,
  bytes: Buffer.from(
    `id: ${event.sequence}\nevent: ${event.body.type}\ndata: ${JSON.stringify(event)}\n\n`,
  ),
});

export class Stream {
  readonly #response: ServerResponse;
  /** The newest event that was handed over; null if there was none yet. */
  #last: Sequence | null = null;
  /** Events that came after the stream was cut; null while it is whole. */
  #lost: number | null = null;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get last(): Sequence | null {
    return this.#last;
  }

  /** Sends the header at once, so that the client knows that it is connected. */
  begin(): void {
    this.#response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      Connection: 'close',
    });
    this.#response.flushHeaders();
  }

  missed(count: number): void {
    if (count > 0) this.#response.write(`event: missed\ndata: {"n":${count}}\n\n`);
  }

  end(): void {
    this.#response.end();
  }

  /** Sends `events` in portions, each when the one before has been taken; then calls `done`. */
  replay(events: readonly Encoded[], done: () => void): void {
    let from = 0;
    while (from < events.length) {
      const portion = portionOf(events, from);
      from += portion.length;
      if (this.#write(portion)) continue;
      const rest = events.slice(from);
      this.#whenTaken(() => {
        this.replay(rest, done);
      });
      return;
    }
    done();
  }

  /** Sends what happened just now, or counts it if the client is too far behind. */
  push(events: readonly Encoded[]): void {
    const fresh = events.filter(({ sequence }) => this.#last === null || sequence > this.#last);
    if (this.#lost !== null) {
      this.#lost += fresh.length;
    } else if (this.#response.writableLength <= streamBytes) {
      this.#write(fresh);
    } else {
      this.#lost = fresh.length;
      this.#whenTaken(() => {
        this.missed(this.#lost ?? 0);
        this.end();
      });
    }
  }

  /** False if the client has to take something before more is sent. */
  #write(events: readonly Encoded[]): boolean {
    const newest = events.at(-1);
    if (newest === undefined) return true;
    this.#last = newest.sequence;
    return this.#response.write(Buffer.concat(events.map(({ bytes }) => bytes)));
  }

  /** A client that never takes what waits for it loses its place after `drainMs`. */
  #whenTaken(then: () => void): void {
    const response = this.#response;
    const timer = setTimeout(() => response.destroy(), drainMs);
    const drained = (): void => {
      response.off('close', closed);
      clearTimeout(timer);
      then();
    };
    const closed = (): void => {
      response.off('drain', drained);
      clearTimeout(timer);
    };
    response.once('drain', drained).once('close', closed);
  }
}

/** The events from `from` on that make up one write: at least one, at most about `replayBytes`. */
function portionOf(events: readonly Encoded[], from: number): readonly Encoded[] {
  let bytes = 0;
  const beyond = events.findIndex(
    (event, at) => at >= from && at > from && (bytes += event.bytes.length) > replayBytes,
  );
  return events.slice(from, beyond === -1 ? undefined : beyond);
}
