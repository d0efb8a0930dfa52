/** From a request line to what is asked; pure. */

import { sequence, type Sequence } from '../core/units.js';
import type { Verb } from './api.js';
import { targetBytes } from './limits.js';
import { errorReply, type Reply } from './reply.js';

export type Route =
  | Readonly<{ type: 'status' }>
  | Readonly<{ type: 'metrics' }>
  | Readonly<{ type: 'service'; name: string }>
  | Readonly<{ type: 'request'; verb: Verb; name: string }>
  | Readonly<{ type: 'reload' }>
  /** `since` null: nothing of the past. Without `follow` the reply ends with the history. */
  | Readonly<{ type: 'events'; since: Sequence | null; follow: boolean }>;

export type Routed = Readonly<{ ok: true; route: Route }> | Readonly<{ ok: false; reply: Reply }>;

export type Request = Readonly<{
  method: string;
  /** As it stands in the request line. */
  target: string;
  lastEventId: string | undefined;
}>;

/** Which methods the socket takes: status.sock only answers questions. */
export type Access = 'all' | 'read';

const verbs: readonly Verb[] = ['start', 'stop', 'restart', 'reset'];

export function routeOf(request: Request, access: Access): Routed {
  if (request.target.length > targetBytes) {
    return no('targetTooLong', `Cannot read the request: its target is over ${targetBytes} bytes`);
  }
  const url = parseTarget(request.target);
  if (url === null) return no('badRequest', 'Cannot read the request: its target is not a path');
  const route = routeOfPath(url, request);
  if (route === null) return no('notFound', `Cannot find ${JSON.stringify(url.path)}`);
  if ('ok' in route) return route;
  const method = route.type === 'request' || route.type === 'reload' ? 'POST' : 'GET';
  if (method === 'POST' && access === 'read') return notHere();
  if (request.method !== method) return wrongMethod(method);
  return { ok: true, route };
}

type Target = Readonly<{ path: string; parts: readonly string[]; query: URLSearchParams }>;

function parseTarget(target: string): Target | null {
  try {
    const url = new URL(target, 'http://esmd');
    const parts = url.pathname.split('/').slice(1).map(decodeURIComponent);
    return { path: url.pathname, parts, query: url.searchParams };
  } catch {
    return null;
  }
}

function routeOfPath(target: Target, request: Request): Route | Routed | null {
  const [version, subject, ...rest] = target.parts;
  if (target.path === '/metrics') return { type: 'metrics' };
  if (version !== 'v1') return null;
  if (subject === 'services') return serviceRoute(rest);
  if (rest.length > 0) return null;
  if (subject === 'status') return { type: 'status' };
  if (subject === 'reload') return { type: 'reload' };
  return subject === 'events' ? eventsRoute(target.query, request.lastEventId) : null;
}

function serviceRoute([name, word, ...rest]: readonly string[]): Route | null {
  if (name === undefined || name === '' || rest.length > 0) return null;
  if (word === undefined) return { type: 'service', name };
  const verb = verbs.find((one) => one === word);
  return verb === undefined ? null : { type: 'request', verb, name };
}

/** A client that reconnects says where it was; that is newer than what its address says. */
function eventsRoute(query: URLSearchParams, lastEventId: string | undefined): Route | Routed {
  const word = lastEventId ?? query.get('since');
  const follow = query.get('follow') ?? 'true';
  if (word !== null && !/^\d{1,15}$/.test(word)) {
    return no('badRequest', 'Cannot read the request: "since" has to be the number of an event');
  }
  if (follow !== 'true' && follow !== 'false') {
    return no('badRequest', 'Cannot read the request: "follow" has to be true or false');
  }
  return {
    type: 'events',
    since: word === null ? null : sequence(Number(word)),
    follow: follow === 'true',
  };
}

const no = (name: 'badRequest' | 'notFound' | 'targetTooLong', message: string): Routed => ({
  ok: false,
  reply: errorReply(name, message),
});

const wrongMethod = (method: string): Routed => ({
  ok: false,
  reply: errorReply('method', `Cannot answer: this address takes ${method} only`, {
    Allow: method,
  }),
});

const notHere = (): Routed => ({
  ok: false,
  reply: errorReply('method', 'Cannot answer: this socket takes GET only, root has the other one', {
    Allow: 'GET',
  }),
});
