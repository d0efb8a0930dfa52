/**
 * Asks the daemon over its sockets. Whatever keeps it from answering is waited out for a while,
 * since init respawns it within milliseconds; then the command ends with "not reachable".
 */

import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { exchange, readText, type Exchange, type Question } from './exchange.js';
import { CommandFailure, exitCode } from './exit-code.js';

export type Verb = 'start' | 'stop' | 'restart' | 'reset';

/** `body` is what the JSON says, whatever that is. */
export type Reply = Readonly<{ status: number; body: unknown }>;

/** Why there is no answer: an errno word, or `BUSY`. */
export type Silence = Readonly<{ code: string; mayHaveActed: boolean }>;

export type ClientOptions = Readonly<{
  rootSocket: string;
  statusSocket: string;
  /** How long the daemon may stay unreachable. */
  patienceMs: number;
  explain: (silence: Silence) => Promise<string>;
}>;

/** No connection was made; the next moment may be better. */
const passing: ReadonlySet<string> = new Set([
  'ENOENT', // esmd is being respawned.
  'ECONNREFUSED',
  'EAGAIN', // Its backlog is full.
]);

export class Client {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** One that gives up earlier. */
  within(patienceMs: number): Client {
    return new Client({ ...this.#options, patienceMs });
  }

  /** For a question that everybody may ask: users are answered on the other socket. */
  get(path: string): Promise<Reply> {
    return this.#ask({ method: 'GET', path });
  }

  /** For a request that only root may make. It is not repeated: nobody wants two restarts. */
  post(path: string, body: unknown = {}): Promise<Reply> {
    return this.#ask({ method: 'POST', path, body });
  }

  /** A reply that goes on for as long as both sides live. */
  stream(path: string, lastEventId: number | null): Promise<IncomingMessage> {
    const headers = lastEventId === null ? {} : { 'Last-Event-ID': String(lastEventId) };
    return this.#patiently({ method: 'GET', path, headers }, (incoming) =>
      Promise.resolve(incoming),
    );
  }

  #ask(question: Question): Promise<Reply> {
    return this.#patiently(question, async (incoming, ms) => {
      const text = await readText(incoming, ms);
      return text === null ? null : { status: incoming.statusCode ?? 0, body: parse(text) };
    });
  }

  /** Tries until `read` makes something of an answer, which it does not if the answer breaks off. */
  async #patiently<T>(
    question: Question,
    read: (incoming: IncomingMessage, ms: number) => Promise<T | null>,
  ): Promise<T> {
    const deadline = performance.now() + this.#options.patienceMs;
    const left = (): number => Math.max(1, deadline - performance.now());
    for (let waitMs = 10; ; waitMs = Math.min(waitMs * 2, 200)) {
      const answer = await this.#once(question, left());
      if (answer.type === 'answered' && answer.incoming.statusCode !== 503) {
        const value = await read(answer.incoming, left());
        if (value !== null) return value;
      }
      const silence = silenceOf(question, answer);
      const isHopeless = silence.mayHaveActed || !mayPass(question, silence);
      if (isHopeless || left() <= waitMs) throw await this.#unreachable(silence);
      await pause(waitMs);
    }
  }

  /** Root's socket, or for those who may not use it, the other. */
  async #once(question: Question, timeoutMs: number): Promise<Exchange> {
    const { rootSocket, statusSocket } = this.#options;
    const answer = await exchange(rootSocket, question, timeoutMs);
    const isForbidden = answer.type === 'failed' && answer.code === 'EACCES';
    return isForbidden && question.method === 'GET'
      ? exchange(statusSocket, question, timeoutMs)
      : answer;
  }

  async #unreachable(silence: Silence): Promise<CommandFailure> {
    return new CommandFailure(exitCode.unreachable, await this.#options.explain(silence));
  }
}

function silenceOf({ method }: Question, answer: Exchange): Silence {
  if (answer.type === 'failed') {
    return { code: answer.code, mayHaveActed: answer.sent && method === 'POST' };
  }
  answer.incoming.destroy();
  return answer.incoming.statusCode === 503
    ? { code: 'BUSY', mayHaveActed: false }
    : { code: 'ECONNRESET', mayHaveActed: method === 'POST' };
}

/** A question may be put again whatever broke it; of a request only what was never sent. */
const mayPass = ({ method }: Question, { code }: Silence): boolean =>
  passing.has(code) || code === 'BUSY' || (method === 'GET' && code !== 'EACCES');

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
