/**
 * What status.sock shows of what root sees: no environment and no arguments, since both carry
 * passwords in practice. A command keeps its program, so that one sees what kind it is.
 */

import type { Event } from '../core/event/event.js';
import type { ServiceDetail } from '../core/status.js';

/** `environment` is absent, which says "hidden" and not "empty". */
export type PublicDetail = Omit<ServiceDetail, 'environment'>;

export function publicDetail(detail: ServiceDetail): PublicDetail {
  const shown: PublicDetail & { environment?: unknown } = {
    ...detail,
    command: detail.command.slice(0, 1),
  };
  delete shown.environment;
  return shown;
}

export function publicEvent(event: Event): Event {
  const { body } = event;
  if (body.type !== 'service.starting') return event;
  const program = body.command.split(' ', 1).join('');
  return {
    ...event,
    message: event.message.replaceAll(body.command, program),
    body: { ...body, command: program },
  };
}
