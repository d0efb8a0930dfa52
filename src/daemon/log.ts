/**
 * The daemon's log: a pino logger whose destination makes one readable line of each object and
 * hands it to syslog or, while that is away, to the console.
 */

import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';
import type { Severity } from '../core/event/event.js';
import { describeWait } from '../core/event/render.js';
import { clock } from '../os/clock.js';
import { writeConsole, writeConsoleSync } from '../os/console.js';
import type { Syslog } from '../os/syslog.js';
import type { Line } from './backlog.js';
import { Backlog } from './backlog.js';

/** pino wants numbers that grow with severity; the words are those of syslog(3). */
const levels = {
  debug: 20,
  info: 30,
  notice: 35,
  warning: 40,
  error: 50,
  critical: 55,
  alert: 60,
  emergency: 65,
} as const satisfies Record<Severity, number>;

export type Log = Logger<Severity>;

/** More than this many services given up at once are announced as a number. */
const namedAtOnce = 5;
/** How long an alarm waits for others, so that five hundred become one message. */
const gatherMs = 200;

export class LogDestination implements DestinationStream {
  readonly #backlog: Backlog;
  readonly #alarms: Line[] = [];

  constructor(syslog: Syslog) {
    this.#backlog = new Backlog({
      syslog: ({ severity, text, at }) => syslog.send(severity, text, at),
      console: (lines) => writeConsole(lines.map(onConsole)),
      lastConsole: (lines) => {
        writeConsoleSync(lines.map(onConsole));
      },
      now: () => clock.now(),
      wall: () => clock.wall(),
    });
  }

  /** pino's: one JSON object and a newline. */
  write(json: string): void {
    const { level, msg, failed } = JSON.parse(json) as { level: Severity; msg: string; failed?: 1 };
    const line: Line = { severity: level, text: msg, at: clock.wall() };
    if (failed === 1) this.#alarm(line);
    else this.#backlog.add(line);
  }

  /** Whether something has failed that nobody was told of yet. */
  get holdsAlarms(): boolean {
    return this.#alarms.length > 0;
  }

  flush(): void {
    this.#sound();
    this.#backlog.flush();
  }

  close(): void {
    this.#sound();
    this.#backlog.close();
  }

  /** An alarm may reach every user who is logged in: many at once become one. */
  #alarm(line: Line): void {
    this.#alarms.push(line);
    if (this.#alarms.length === 1) setTimeout(() => this.#sound(), gatherMs);
  }

  #sound(): void {
    const alarms = this.#alarms.splice(0);
    const [first] = alarms;
    if (first === undefined) return;
    if (alarms.length <= namedAtOnce) {
      for (const line of alarms) this.#backlog.add(line);
      return;
    }
    const text = `${alarms.length} services have failed and are not restarted, within ${describeWait(gatherMs)}; esmctl status names them`;
    this.#backlog.add({ ...first, text });
    for (const line of alarms) this.#backlog.add({ ...line, severity: 'error' });
  }
}

const onConsole = ({ text, severity }: Line): string => `esmd: ${severity}: ${text}`;

export function logTo(destination: DestinationStream): Log {
  return pino<Severity>(
    {
      level: 'info',
      customLevels: levels,
      useOnlyCustomLevels: true,
      base: null,
      timestamp: false,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}
