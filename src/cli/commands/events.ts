import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Event } from '../../core/event/event.js';
import { readText } from '../exchange.js';
import type { Environment } from '../environment.js';
import { CommandFailure, exitCode, type ExitCode } from '../exit-code.js';
import { parseFilter, type Filter } from '../filter.js';
import { errorText, unexpected } from '../questions.js';
import { renderEvent, renderMissed } from '../render/event.js';
import { BlockReader, type Block } from '../sse.js';

export type EventsOptions = Readonly<{
  follow?: boolean;
  filter?: string;
  json?: boolean;
  /** The number of an event: those after it. */
  since?: number;
}>;

/** For an error that comes instead of a stream. */
const errorMs = 3_000;

/** Between the end of a stream and the next try: esmd may be ending streams for a reason. */
const againMs = 100;

/**
 * Shows the events that esmd keeps; with `follow` those that come from now on, for as long as
 * there is somebody to read them. A stream that ends is taken up again where it ended.
 */
export async function events(env: Environment, options: EventsOptions): Promise<ExitCode> {
  const filter = parseFilter(options.filter ?? '');
  if (!filter.ok) throw new CommandFailure(exitCode.usage, filter.problem.message);
  const printer = new Printer(env, filter.value, options.json === true);
  if (options.follow !== true) {
    const since = options.since === undefined ? '' : `&since=${options.since}`;
    const stream = await open(env, `/v1/events?follow=false${since}`, null);
    for (const block of await readAll(stream)) printer.take(block);
    printer.finish();
    return exitCode.ok;
  }
  const path = options.since === undefined ? '/v1/events' : `/v1/events?since=${options.since}`;
  for (;;) {
    const stream = await open(env, path, printer.last);
    await readOn(stream, (block) => {
      printer.take(block);
    });
    printer.reconnect();
    await pause(againMs);
  }
}

async function open(env: Environment, path: string, last: number | null) {
  const stream = await env.client.stream(path, last);
  if (stream.statusCode === 200) return stream;
  const text = (await readText(stream, errorMs)) ?? '';
  const reply = { status: stream.statusCode ?? 0, body: parseJson(text) };
  if (reply.status === 429) throw new CommandFailure(exitCode.refused, errorText(reply));
  throw unexpected(reply);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** All of a stream that ends by itself. Read before it is printed: a pager may take its time. */
async function readAll(stream: IncomingMessage): Promise<readonly Block[]> {
  const blocks: Block[] = [];
  await readOn(stream, (block) => blocks.push(block));
  return blocks;
}

function readOn(stream: IncomingMessage, take: (block: Block) => void): Promise<void> {
  const reader = new BlockReader();
  return new Promise((resolve) => {
    stream.on('data', (bytes: Buffer) => {
      reader.read(bytes).forEach(take);
    });
    stream.on('close', resolve);
  });
}

class Printer {
  readonly #env: Environment;
  readonly #filter: Filter;
  readonly #json: boolean;
  /** Missed, as far as we know; said before what comes next. */
  #missed = 0;
  /** The number of the newest event that was seen, shown or not. */
  last: number | null = null;

  constructor(env: Environment, filter: Filter, json: boolean) {
    this.#env = env;
    this.#filter = filter;
    this.#json = json;
  }

  take({ id, event: type, data }: Block): void {
    if (type === 'missed') {
      this.#missed += missedIn(data);
      return;
    }
    const event = parseJson(data) as Event | null;
    if (event === null || id === null) return;
    this.finish();
    this.last = id;
    if (!this.#filter(event)) return;
    this.#env.out(this.#json ? `${data}\n` : renderEvent(event, this.#env.view()));
  }

  /** What was missed at the end of a stream comes with the next one, or is counted there. */
  reconnect(): void {
    if (this.last !== null) this.#missed = 0;
  }

  finish(): void {
    if (this.#missed === 0) return;
    const missed = this.#missed;
    this.#missed = 0;
    this.#env.out(this.#json ? `{"missed":${missed}}\n` : renderMissed(missed, this.#env.view()));
  }
}

function missedIn(data: string): number {
  const value = parseJson(data);
  return typeof value === 'object' && value !== null && 'n' in value && typeof value.n === 'number'
    ? value.n
    : 0;
}
