/** What an operator may ask for, and what is refused and why. Never rate-limited. */

import { paths } from '../paths.js';
import type { Problem, Result } from '../result.js';
import { failed, ok } from '../result.js';
import type { Service } from '../service/record.js';
import { lives } from '../service/record.js';
import { statementAgainst, wanted } from './desired.js';
import type { Draft } from './draft.js';
import { put, tell, want } from './draft.js';
import type { Input } from './monitor.js';

type Request = Extract<Input, { type: 'request' }>;

export function request(draft: Draft, asked: Request): void {
  const result = answer(draft, asked);
  draft.actions.push({ type: 'reply', id: asked.id, result });
}

function answer(draft: Draft, asked: Request): Result<string> {
  const service = draft.services.get(asked.name);
  if (service === undefined) return failed(unknownService(asked.name));
  const refusal = refusalOf(draft, service, asked);
  if (refusal !== null) return failed(refusal);
  carryOut(draft, service, asked);
  return ok(`"${asked.name}" ${answers[asked.verb]}`);
}

function carryOut(draft: Draft, service: Service, asked: Request): void {
  const { name, verb } = asked;
  put(draft, { ...service, wish: verb === 'stop' ? 'down' : 'none' });
  want(draft, name);
  if (verb === 'stop') {
    // What could not be stopped is looked for again, although nothing else is wanted of it.
    if (service.desired === 'down') {
      tell(draft, name, { type: 'desired', desired: 'down', by: 'operator' });
    }
    return;
  }
  // A reset that ends an operator's stop is a start, which waits for nobody else to start it.
  tell(draft, name, { type: service.desired === 'down' ? 'start' : verb });
}

function refusalOf(draft: Draft, service: Service, asked: Request): Problem | null {
  const { name, verb } = asked;
  if (verb === 'reset') return null;
  if (wanted(name, 'none', draft.monitor.stateFile).desired === 'unmonitored') {
    return {
      code: 'ESM_REFUSED',
      message: `Cannot ${verb} "${name}": it is not monitored, because ${statementAgainst(name, draft.monitor.stateFile)}`,
      remedy: `use its init script, or say ${paths.controlScript} started ${name}`,
    };
  }
  if (verb !== 'stop' || asked.force) return null;
  const dependents = dependentsOf(draft, service);
  return dependents.length === 0
    ? null
    : {
        code: 'ESM_REFUSED',
        message: `Cannot stop "${name}": ${dependents.join(', ')} ${dependents.length === 1 ? 'requires' : 'require'} it`,
        remedy: 'stop these first, or use --force',
      };
}

/** Services that run, or are to, and require this one. */
function dependentsOf(draft: Draft, service: Service): readonly string[] {
  return [...draft.services.values()]
    .filter((other) => lives(other) || other.desired === 'up')
    .map((other) => other.spec.name)
    .filter((other) => draft.monitor.requires.get(other)?.includes(service.spec.name) === true);
}

const answers = {
  start: 'will be started',
  stop: 'will be stopped',
  restart: 'will be restarted',
  reset: 'has its failures forgotten',
} as const;

const unknownService = (name: string): Problem => ({
  code: 'ESM_UNKNOWN_SERVICE',
  message: `Cannot find "${name}": no such service is configured`,
});
