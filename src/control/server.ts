/**
 * The control API: HTTP/1.1 on two unix sockets, one for root and one for everybody. docs:
 * esmctl(8), "CONTROL API".
 */

import { chmod, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failed, ok, type Problem, type Result } from '../core/result.js';
import { listenAt, type Bound } from '../os/socket.js';
import type { Daemon } from './api.js';
import { Endpoint, type EndpointOptions } from './endpoint.js';
import { rootLimits, statusLimits } from './limits.js';

export type ControlOptions = Readonly<{
  rootSocket: string;
  statusSocket: string;
  /** Told of a socket that cannot be bound, and once of each different thing the daemon throws. */
  onProblem: (problem: Problem) => void;
}>;

export interface Control {
  /** Paths that nothing listens at; empty if all is well. */
  readonly missing: readonly string[];
  /**
   * Binds what is missing, and what somebody has removed from the folder meanwhile. The first
   * problem is returned, and each goes to `onProblem`. Sockets in their place are left alone.
   */
  repair(): Promise<Result<void>>;
  /** Stops listening, removes the sockets and ends all connections. Idempotent. */
  close(): Promise<void>;
}

/** Fails if neither socket can be bound; with one of them the other is listed as missing. */
export async function startControl(
  daemon: Daemon,
  options: ControlOptions,
): Promise<Result<Control>> {
  const onError = reporter(options.onProblem);
  const doors = [
    new Door(options.rootSocket, 0o600, { daemon, access: 'all', limits: rootLimits, onError }),
    new Door(options.statusSocket, 0o666, {
      daemon,
      access: 'read',
      limits: statusLimits,
      onError,
    }),
  ];
  const control = controlOf(doors, options.onProblem);
  const bound = await control.repair();
  if (bound.ok || control.missing.length < doors.length) return ok(control);
  return bound;
}

function controlOf(doors: readonly Door[], onProblem: (problem: Problem) => void): Control {
  return {
    get missing() {
      return doors.filter((door) => !door.isBound).map((door) => door.path);
    },
    repair: async () => {
      const results = [];
      for (const door of doors) results.push(await door.open());
      const problems = results.flatMap((result) => (result.ok ? [] : [result.problem]));
      problems.forEach(onProblem);
      return problems[0] === undefined ? ok(undefined) : failed(problems[0]);
    },
    close: async () => {
      for (const door of doors) await door.close();
    },
  };
}

/** A path and the server that answers there, if it could be bound. */
class Door {
  readonly path: string;
  readonly #mode: number;
  readonly #options: EndpointOptions;
  #open: Readonly<{ endpoint: Endpoint; bound: Bound }> | null = null;
  constructor(path: string, mode: number, options: EndpointOptions) {
    this.path = path;
    this.#mode = mode;
    this.#options = options;
  }

  get isBound(): boolean {
    return this.#open !== null;
  }

  async open(): Promise<Result<void>> {
    if (this.#open !== null) {
      if (await this.#open.bound.isInPlace()) return ok(undefined);
      await this.close();
    }
    await makeFolder(dirname(this.path));
    const endpoint = new Endpoint(this.#options);
    const result = await listenAt(endpoint.server, this.path, this.#mode);
    if (!result.ok) return result;
    this.#open = { endpoint, bound: result.value };
    return ok(undefined);
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    open?.endpoint.disconnect();
    await open?.bound.close();
  }
}

/** Users have to get through to status.sock, whatever the umask. Failing shows when binding. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, 0o755);
    await chmod(folder, 0o755);
  } catch {
    return;
  }
}

/** A client that asks again and again must not fill the log with the same exception. */
function reporter(onProblem: (problem: Problem) => void): (error: unknown) => void {
  const told = new Set<string>();
  return (error) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (told.has(text) || told.size >= 100) return;
    told.add(text);
    onProblem({ code: 'ESM_INTERNAL', message: `Cannot answer a client: ${text}` });
  };
}
