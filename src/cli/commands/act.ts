import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceDetail } from '../../core/status.js';
import type { Verb } from '../client.js';
import type { Environment } from '../environment.js';
import { exitCode, worse, type ExitCode } from '../exit-code.js';
import { errorText, fetchService, notAccepted, unknownService, warningIn } from '../questions.js';
import { safe } from '../render/text.js';
import { lateText, outcomeOf, patienceMs } from '../verdict.js';

export type ActOptions = Readonly<{
  force?: boolean;
  /** False: the request is made and its outcome left to itself. */
  wait: boolean;
  /** In milliseconds; undefined: what the service may take by its own timeouts. */
  timeout?: number;
}>;

/** A service as it was when it was asked, and until when its outcome is awaited. */
type Asked = Readonly<{ before: ServiceDetail; deadline: number; limitMs: number }>;

/** Between two rounds of looks; doubles up to the longest. */
const shortestMs = 20;
const longestMs = 250;

/** Asks for every service in the order given, and then waits for all outcomes together. */
export async function act(
  env: Environment,
  verb: Verb,
  names: readonly string[],
  options: ActOptions,
): Promise<ExitCode> {
  let code: ExitCode = exitCode.ok;
  let asked: Asked[] = [];
  for (const name of new Set(names)) {
    const answer = await request(env, verb, name, options);
    if (typeof answer === 'number') code = worse(code, answer);
    else if (options.wait) asked.push(answer);
  }
  for (let waitMs = shortestMs; asked.length > 0; waitMs = Math.min(waitMs * 2, longestMs)) {
    const undecided: Asked[] = [];
    // One after the other: a thousand names must not become a thousand connections.
    for (const one of asked) {
      const outcome = await lookAt(env, verb, one);
      if (outcome === null) undecided.push(one);
      else code = worse(code, outcome);
    }
    asked = undecided;
    if (asked.length > 0) await pause(waitMs);
  }
  return code;
}

async function request(
  env: Environment,
  verb: Verb,
  name: string,
  options: ActOptions,
): Promise<Asked | ExitCode> {
  const before = await fetchService(env.client, name);
  if (before === null) {
    env.complain(await unknownService(env.client, name));
    return exitCode.no;
  }
  const path = `/v1/services/${encodeURIComponent(name)}/${verb}`;
  const reply = await env.client.post(path, { force: options.force === true });
  if (reply.status !== 202) {
    env.complain(errorText(reply));
    return notAccepted(reply);
  }
  const warning = warningIn(reply);
  if (warning !== null) env.complain(warning);
  const limitMs = options.timeout ?? patienceMs(verb, before);
  return { before, limitMs, deadline: performance.now() + limitMs };
}

/** Tells the outcome if there is one; null: not yet. */
async function lookAt(env: Environment, verb: Verb, asked: Asked): Promise<ExitCode | null> {
  const { before, deadline, limitMs } = asked;
  const now = await fetchService(env.client, before.name);
  if (now === null) {
    env.complain(`Cannot follow "${before.name}": it is no longer configured`);
    return exitCode.no;
  }
  const outcome = outcomeOf(verb, before, now);
  if (outcome.type === 'done') {
    env.out(`${safe(outcome.text)}\n`);
    return exitCode.ok;
  }
  if (outcome.type === 'pending' && performance.now() < deadline) return null;
  env.complain(outcome.type === 'no' ? outcome.text : lateText(now, limitMs));
  return exitCode.no;
}
