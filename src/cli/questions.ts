/** The daemon's answers as values of their types, or the end of the command. */

import { nearest } from '../core/nearest.js';
import type { ServiceDetail, Status } from '../core/status.js';
import type { Client, Reply } from './client.js';
import { CommandFailure, exitCode, type ExitCode } from './exit-code.js';

export async function fetchStatus(client: Client): Promise<Status> {
  const reply = await client.get('/v1/status');
  if (reply.status === 200 && isStatus(reply.body)) return reply.body;
  throw unexpected(reply);
}

/** null: there is no such service. */
export async function fetchService(client: Client, name: string): Promise<ServiceDetail | null> {
  const reply = await client.get(`/v1/services/${encodeURIComponent(name)}`);
  if (reply.status === 404) return null;
  if (reply.status === 200 && isDetail(reply.body)) return reply.body;
  throw unexpected(reply);
}

export const unknownText = (name: string, known: Iterable<string>): string => {
  const near = nearest(name, known);
  const hint = near === null ? '' : ` (did you mean "${near}"?)`;
  return `Cannot find "${name}": no such service${hint}`;
};

/** The same where only the name is known so far. */
export async function unknownService(client: Client, name: string): Promise<string> {
  const { services } = await fetchStatus(client);
  return unknownText(
    name,
    services.map((service) => service.name),
  );
}

/** The daemon's own words for what is wrong. */
export function errorText({ status, body }: Reply): string {
  if (typeof body === 'object' && body !== null && 'error' in body) {
    const { error } = body;
    if (typeof error === 'object' && error !== null && 'message' in error) {
      const remedy = 'remedy' in error ? ` (${String(error.remedy)})` : '';
      return `${String(error.message)}${remedy}`;
    }
  }
  return `Cannot understand esmd: it answered ${status}`;
}

/** What was accepted may not hold for ever; null: it does. */
export const warningIn = ({ body }: Reply): string | null =>
  typeof body === 'object' && body !== null && 'warning' in body ? String(body.warning) : null;

/** A question was not answered: the daemon has a bug, or is of another version. */
export const unexpected = (reply: Reply): CommandFailure =>
  new CommandFailure(exitCode.unreachable, errorText(reply));

/** What a request came to that was not accepted: the daemon would not, or could not. */
export const notAccepted = (reply: Reply): ExitCode =>
  reply.status === 409 ? exitCode.refused : exitCode.no;

const isStatus = (body: unknown): body is Status =>
  typeof body === 'object' &&
  body !== null &&
  'version' in body &&
  body.version === 1 &&
  'services' in body &&
  Array.isArray(body.services);

const isDetail = (body: unknown): body is ServiceDetail =>
  typeof body === 'object' && body !== null && 'name' in body && 'state' in body;
