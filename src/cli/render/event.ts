/** One event as one line. */

import type { Event, Severity } from '../../core/event/event.js';
import { safe } from './text.js';
import { clockTime, isoTime } from './time.js';
import { paint, type Style, type View } from './view.js';

const styles: Readonly<Record<Severity, Style | undefined>> = {
  emergency: 'bad',
  alert: 'bad',
  critical: 'bad',
  error: 'bad',
  warning: 'warn',
  notice: undefined,
  info: 'dim',
  debug: 'dim',
};

/**
 * On a terminal the time of day, after the date if it is not today, and the message; elsewhere five
 * words (time, number, severity, type, service or `-`) and then the message.
 */
export function renderEvent(event: Event, view: View): string {
  const { at, sequence, severity, body, service } = event;
  const message = safe(event.message);
  if (view.columns !== null) {
    const time = paint(view, 'dim', clockTime(at, view.now));
    return `${time} ${paint(view, styles[severity], message)}\n`;
  }
  const words = [isoTime(at), String(sequence), severity, body.type, service ?? '-'];
  return `${[...words.map(safe), message].join(' ')}\n`;
}

export function renderMissed(count: number, view: View): string {
  const text = `${count} ${count === 1 ? 'event was' : 'events were'} missed here`;
  return `${paint(view, 'warn', view.columns === null ? `# ${text}` : text)}\n`;
}
