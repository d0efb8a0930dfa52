/** What the daemon says to one request, as a reply. */

import type { Result } from '../core/result.js';
import type { Accepted, Daemon, Verb } from './api.js';
import { requestOptions } from './body.js';
import { publicDetail } from './public-view.js';
import { errorReply, json, openMetrics, problemReply, type Reply } from './reply.js';
import type { Access, Route } from './route.js';

/** Everything but a stream, which is no single reply. */
export type PlainRoute = Exclude<Route, { type: 'events' }>;

/**
 * Rejects only if the daemon does. `body` matters to requests that change something. A question
 * is answered in this turn; `answer` is asynchronous for the others' sake.
 */
export type Answer = (route: PlainRoute, body: string) => Reply | Promise<Reply>;

export function answerer(daemon: Daemon, access: Access): Answer {
  const status = oncePerTurn(() => json(200, daemon.status()));
  const metrics = oncePerTurn(() => openMetrics(daemon.metrics()));
  return (route, body) => {
    switch (route.type) {
      case 'status':
        return status();
      case 'metrics':
        return metrics();
      case 'service':
        return detail(daemon, route.name, access);
      case 'request':
        return act(daemon, route, body);
      case 'reload':
        return daemon.reload().then(acceptedReply);
    }
  };
}

/**
 * A thousand services make half a megabyte of status. Clients that ask in the same turn of the
 * loop share it, so that a crowd of them does not hold up a restart.
 */
function oncePerTurn(make: () => Reply): () => Reply {
  let made: Reply | null = null;
  return () => {
    if (made !== null) return made;
    made = make();
    setImmediate(() => {
      made = null;
    });
    return made;
  };
}

function detail(daemon: Daemon, name: string, access: Access): Reply {
  const found = daemon.service(name);
  if (found === null) {
    return errorReply('unknownService', `Cannot find service ${JSON.stringify(name)}`);
  }
  return json(200, access === 'all' ? found : publicDetail(found));
}

function act(
  daemon: Daemon,
  { verb, name }: Readonly<{ verb: Verb; name: string }>,
  body: string,
): Reply | Promise<Reply> {
  const options = requestOptions(body);
  if (options === null) {
    return errorReply('badRequest', 'Cannot read the body: it has to be like {"force":true}');
  }
  return daemon.request(verb, name, options).then(acceptedReply);
}

const acceptedReply = (result: Result<Accepted>): Reply =>
  result.ok ? json(202, result.value) : problemReply(result.problem);
