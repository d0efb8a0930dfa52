/**
 * Lines on their way to syslog. While syslogd is away or hangs they wait here, bounded, and are
 * shown on the console meanwhile; nothing is lost silently. With nothing waiting, nothing wakes up.
 */

import type { Severity } from '../core/event/event.js';
import type { Instant, WallClock } from '../core/units.js';

export type Line = Readonly<{ severity: Severity; text: string; at: WallClock }>;

/** `sent`; `away`: nobody listens; `full`: somebody listens and does not read. */
export type Delivery = 'sent' | 'away' | 'full';

export type Outlets = Readonly<{
  syslog: (line: Line) => Delivery;
  /** How many of the lines went out; never rejects. */
  console: (lines: readonly Line[]) => Promise<number>;
  /** The same for last words: at once. */
  lastConsole: (lines: readonly Line[]) => void;
  now: () => Instant;
  wall: () => WallClock;
}>;

/** What a death by the thousand brings, on a machine whose syslogd gets no processor meanwhile. */
const most = 5000;
const firstRetryMs = 1000;
const lastRetryMs = 30_000;
/** Somebody reads, but slower than we write: most queues of unix(7) have room for ten lines. */
const slowRetryMs = 50;

export class Backlog {
  readonly #outlets: Outlets;
  readonly #lines: Line[] = [];
  /** Those of them that the console has yet to show. */
  #unshown: Line[] = [];
  #isShowing = false;
  #dropped = 0;
  #shown = 0;
  #awaySince: Instant | null = null;
  #retryMs = firstRetryMs;
  #timer: NodeJS.Timeout | null = null;

  constructor(outlets: Outlets) {
    this.#outlets = outlets;
  }

  add(line: Line): void {
    // Asking costs one call, and a syslogd that is back need not wait for the next retry.
    if (this.#lines.length > 0) this.flush();
    if (this.#lines.length === 0 && this.#deliver(line)) return;
    this.#keep(line);
    void this.#show();
    this.#retryLater();
  }

  /** Tries again now: syslogd may be back. */
  flush(): void {
    while (this.#lines.length > 0) {
      const [first] = this.#lines;
      if (first === undefined || !this.#deliver(first)) break;
      this.#lines.shift();
    }
    if (this.#lines.length === 0) this.#isBack();
  }

  /** Last words: what has not been shown yet is shown now, and nothing is waited for. */
  close(): void {
    this.flush();
    this.#disarm();
    const unshown = this.#unshown.splice(0);
    if (unshown.length > 0) this.#outlets.lastConsole(unshown);
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #deliver(line: Line): boolean {
    const delivery = this.#outlets.syslog(line);
    if (delivery === 'sent') return true;
    if (this.#awaySince === null) {
      this.#awaySince = this.#outlets.now();
      this.#retryMs = delivery === 'full' ? slowRetryMs : firstRetryMs;
    }
    return false;
  }

  #keep(line: Line): void {
    this.#lines.push(line);
    this.#unshown.push(line);
    this.#unshown.splice(0, this.#unshown.length - most);
    if (this.#lines.length <= most) return;
    this.#lines.shift();
    this.#dropped += 1;
  }

  #isBack(): void {
    const since = this.#awaySince;
    this.#awaySince = null;
    this.#disarm();
    if (since === null) return;
    const lost = this.#dropped === 0 ? '' : `; ${this.#dropped} messages were dropped`;
    const text = `syslog is back after ${Math.round((this.#outlets.now() - since) / 1000)} s; ${this.#shown} messages were shown on the console${lost}`;
    this.#dropped = 0;
    this.#shown = 0;
    this.#unshown = [];
    this.add({ severity: 'notice', text, at: this.#outlets.wall() });
  }

  /** One batch at a time; what the console does not take now is tried again with the next line. */
  async #show(): Promise<void> {
    if (this.#isShowing) return;
    this.#isShowing = true;
    const batch = this.#unshown.splice(0);
    const shown = await this.#outlets.console(batch);
    this.#shown += shown;
    this.#unshown.unshift(...batch.slice(shown));
    this.#isShowing = false;
    const hasNew = this.#unshown.length > batch.length - shown;
    if (hasNew && shown === batch.length) await this.#show();
  }

  #retryLater(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const waiting = this.#lines.length;
      this.flush();
      if (this.#lines.length === 0) return;
      const isRead = this.#lines.length < waiting;
      this.#retryMs = isRead
        ? slowRetryMs
        : Math.min(Math.max(this.#retryMs * 2, firstRetryMs), lastRetryMs);
      void this.#show();
      this.#retryLater();
    }, this.#retryMs);
  }
}
