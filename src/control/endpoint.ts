/**
 * One socket's HTTP server: it lets connections in, holds every one of them to the limits, and
 * hands whole requests on. Whatever a client does and whatever the daemon throws ends here.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Daemon } from './api.js';
import { answerer, type Answer } from './answer.js';
import { readBody } from './body.js';
import { Connection } from './connection.js';
import { bodyBytes, headerBytes, type EndpointLimits } from './limits.js';
import { publicEvent } from './public-view.js';
import { errorReply, type Reply } from './reply.js';
import { routeOf, type Access, type Route } from './route.js';
import { Streams } from './streams.js';

export type EndpointOptions = Readonly<{
  daemon: Daemon;
  access: Access;
  limits: EndpointLimits;
  /** Told of what the daemon threw. */
  onError: (error: unknown) => void;
}>;

export class Endpoint {
  readonly server: Server;
  readonly #options: EndpointOptions;
  readonly #answer: Answer;
  readonly #streams: Streams;
  readonly #connections = new Map<Duplex, Connection>();

  constructor(options: EndpointOptions) {
    this.#options = options;
    const { daemon, access, onError } = options;
    this.#answer = answerer(daemon, access);
    this.#streams = new Streams({
      daemon,
      view: access === 'all' ? (event) => event : publicEvent,
      guard: (work) => {
        try {
          work();
        } catch (error) {
          onError(error);
        }
      },
    });
    this.server = this.#makeServer();
  }

  /** Ends all connections, streams included. */
  disconnect(): void {
    for (const socket of this.#connections.keys()) socket.destroy();
  }

  #makeServer(): Server {
    const server = createServer({
      maxHeaderSize: headerBytes,
      // Node looks for late requests every 30 s by default, which would wake an idle esmd. Its
      // setTimeout(3) takes no more than 2^31 - 1 ms; Connection keeps the deadlines instead.
      connectionsCheckingInterval: 2 ** 31 - 1,
      headersTimeout: 0,
      requestTimeout: 0,
      keepAliveTimeout: 0,
      // So that a line typed into a socket by hand is answered.
      requireHostHeader: false,
    });
    server.maxConnections = 2 * this.#options.limits.connections;
    server.on('connection', (socket: Socket) => {
      this.#welcome(socket);
    });
    server.on('clientError', (error: Error, socket) => {
      this.#connections.get(socket)?.refuse(unreadable(error));
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#receive(request, response);
    });
    // With a listener Node leaves "100 Continue" to us, and a body too large is never sent.
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      if (declaredLength(request) <= bodyBytes) response.writeContinue();
      this.#receive(request, response);
    });
    return server;
  }

  #welcome(socket: Socket): void {
    const isSurplus = this.#connections.size >= this.#options.limits.connections;
    this.#connections.set(socket, new Connection(socket, isSurplus));
    socket.on('close', () => this.#connections.delete(socket));
    // ECONNRESET and EPIPE are the client's affair; without a listener they would be ours.
    socket.on('error', () => undefined);
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.get(request.socket);
    if (connection?.isFree !== true) {
      request.socket.destroy();
      return;
    }
    connection.headerCame();
    response.on('error', () => undefined);
    response.once('close', () => {
      connection.replied();
    });
    const refusal = this.#refusal(request, connection);
    if (refusal !== null) {
      connection.requestCame();
      send(response, refusal, 'last');
      return;
    }
    readBody(request, bodyBytes, (body) => {
      if (body.type === 'too large') send(response, tooLarge, 'last');
      if (body.type !== 'whole' || request.socket.destroyed) return;
      connection.requestCame();
      this.#handle(request, response, body.text).catch((error: unknown) => {
        this.#options.onError(error);
        send(response, errorReply('internal', 'Cannot answer: esmd failed to; see syslog'), 'last');
      });
    });
  }

  #refusal(request: IncomingMessage, connection: Connection): Reply | null {
    if (connection.isSurplus) return busy;
    return declaredLength(request) > bodyBytes ? tooLarge : null;
  }

  async #handle(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const lastEventId = request.headers['last-event-id'];
    const routed = routeOf(
      {
        method: request.method ?? '',
        target: request.url ?? '',
        lastEventId: Array.isArray(lastEventId) ? lastEventId[0] : lastEventId,
      },
      this.#options.access,
    );
    if (!routed.ok) {
      send(response, routed.reply);
    } else if (routed.route.type === 'events') {
      this.#stream(request, response, routed.route);
    } else {
      send(response, await this.#answer(routed.route, body));
    }
  }

  #stream(
    request: IncomingMessage,
    response: ServerResponse,
    route: Extract<Route, { type: 'events' }>,
  ): void {
    if (this.#streams.count >= this.#options.limits.streams) {
      send(response, errorReply('tooManyStreams', 'Cannot stream: too many streams are open'));
      return;
    }
    this.#streams.open(response, route);
    if (route.follow) this.#connections.get(request.socket)?.streams();
  }
}

const busy = errorReply('busy', 'Cannot serve: too many connections are open', {
  'Retry-After': '1',
});
const tooLarge = errorReply('tooLarge', `Cannot read the body: it is over ${bodyBytes} bytes`);

function unreadable(error: Error): Reply {
  return 'code' in error && error.code === 'HPE_HEADER_OVERFLOW'
    ? errorReply(
        'headerTooLarge',
        `Cannot read the request: its header is over ${headerBytes} bytes`,
      )
    : errorReply('badRequest', 'Cannot read the request: it is not HTTP/1.1');
}

function declaredLength(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0);
}

/** `last`: what follows on this connection cannot be told apart from the rest of the request. */
function send(response: ServerResponse, reply: Reply, place?: 'last'): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.writeHead(reply.status, {
    'Content-Type': reply.contentType,
    'Content-Length': reply.body.length,
    'Cache-Control': 'no-store',
    ...(place === 'last' ? { Connection: 'close' } : {}),
    ...reply.headers,
  });
  response.end(reply.body);
}
