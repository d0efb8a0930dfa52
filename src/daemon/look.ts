/**
 * "Which process is it": finds a service's main process by its pid file, by the cgroup we made
 * for it, and by a search of /proc, and holds it before it is believed.
 */

import type { Candidate, Description } from '../core/service/matching.js';
import { choose, fits } from '../core/service/matching.js';
import type { Action, Input, Service } from '../core/service/record.js';
import type { Spec } from '../core/service/spec.js';
import type { Pid } from '../core/units.js';
import { executableOf } from '../os/executable.js';
import type { Cgroups, Exits, Held, ProcessEntry, ProcessTable } from '../os/os.js';
import { readPidFile } from '../os/pid-file.js';
import { userId } from '../os/users.js';

export type LookOs = Readonly<{ exits: Exits; processes: ProcessTable; cgroups: Cgroups }>;

type Services = ReadonlyMap<string, Service>;
type LookAction = Extract<Action, { type: 'look' }>;

/**
 * One round of looking: every search in it shares one scan of /proc and one description of each
 * service, so a thousand services cost one scan.
 */
export class Look {
  readonly #os: LookOs;
  readonly #services: Services;
  readonly #heldBy: (pid: Pid, startTime: number) => string | null;
  readonly #descriptions = new Map<string, Description | null>();
  #byExe: ReadonlyMap<string, readonly ProcessEntry[]> | null = null;

  constructor(
    os: LookOs,
    services: Services,
    heldBy: (pid: Pid, startTime: number) => string | null,
  ) {
    this.#os = os;
    this.#services = services;
    this.#heldBy = heldBy;
  }

  /** The answer to a look, and the process that is held where it is `found`. */
  perform(action: LookAction): readonly [Input, Held | null] {
    const { incarnation } = action;
    const service = this.#services.get(action.service);
    const description = service === undefined ? null : this.#describe(service.spec);
    if (service === undefined || description === null)
      return [{ type: 'absent', incarnation }, null];
    const named = this.#byPidFile(service.spec, description);
    if (named !== null) return [found(action, named), named];
    if (action.scope === 'pidfile') return [{ type: 'absent', incarnation }, null];
    const choice = choose(this.#candidates(service, description));
    if (choice.type === 'ambiguous') return [{ ...choice, incarnation }, null];
    const held = choice.type === 'found' ? this.#hold(choice.pid, service.spec, description) : null;
    return held === null ? this.#startCommand(service, action) : [found(action, held), held];
  }

  /** No daemon, but perhaps the start command that an earlier esmd began, which its marker tells. */
  #startCommand({ spec }: Service, { incarnation }: LookAction): readonly [Input, Held | null] {
    const absent = [{ type: 'absent', incarnation }, null] as const;
    const { launch } = spec;
    const uids = uidsOf(spec.user ?? 'root');
    const description = launch.type === 'start' ? describeCommand(launch.start, uids) : null;
    if (description === null) return absent;
    const entry = this.#entries(description.exe).find(
      ({ pid, session, marker }) => pid === session && marker?.service === spec.name,
    );
    if (entry === undefined || !fits(entry, description, false)) return absent;
    const held = this.#hold(entry.pid, spec, description);
    if (held === null) return absent;
    const { pid, startTime, origin } = held;
    const process = { pid, startTime, origin };
    return [{ type: 'spawned', incarnation, purpose: 'start', process, warnings: [] }, held];
  }

  #byPidFile(spec: Spec, description: Description): Held | null {
    const named = spec.pidfile === null ? null : readPidFile(spec.pidfile);
    if (named === null) return null;
    const { pid, writer } = named;
    const hasUser = (spec.match?.user ?? null) !== null;
    // A file that only root can write vouches for its process, whatever user that has become.
    if (writer === null) return this.#hold(pid, spec, description, !hasUser);
    if (hasUser && description.uids?.includes(writer) !== true) return null;
    return this.#hold(pid, spec, { ...description, uids: [writer] });
  }

  /** Opens first, checks what was opened, and then that it is still the same that lives. */
  #hold(pid: Pid, spec: Spec, description: Description, vouched = false): Held | null {
    const opened = this.#os.exits.hold(pid, 'adopted');
    if (!opened.ok) return null;
    const held = opened.value;
    const entry = this.#os.processes.read(pid);
    const isIt =
      entry?.startTime === held.startTime &&
      this.#isFree(entry, spec.name) &&
      fits(entry, description, vouched || this.#isInCgroup(spec.name, pid)) &&
      held.isAlive();
    if (isIt) return held;
    held.release();
    return null;
  }

  #candidates(service: Service, description: Description): readonly Candidate[] {
    const { spec, leader } = service;
    const members = this.#members(spec.name);
    return this.#entries(description.exe).filter(
      (entry) =>
        fits(entry, description, members.has(entry.pid)) &&
        this.#isFree(entry, spec.name) &&
        !this.#isMarkedForAnother(entry, spec.name) &&
        // What our dead child left in its session are workers, not a new daemon.
        !(spec.launch.type === 'command' && leader !== null && isLeftover(entry, leader.pid)),
    );
  }

  #isFree(entry: ProcessEntry, name: string): boolean {
    const owner = this.#heldBy(entry.pid, entry.startTime);
    return owner === null || owner === name;
  }

  /** Where one definition serves several services, the marker tells their processes apart. */
  #isMarkedForAnother(entry: ProcessEntry, name: string): boolean {
    const other = entry.marker?.service;
    if (other === undefined || other === name) return false;
    const service = this.#services.get(other);
    const description = service === undefined ? null : this.#describe(service.spec);
    return description !== null && fits(entry, description, true);
  }

  #members(name: string): ReadonlySet<Pid> {
    const folder = this.#os.cgroups.folder(name);
    return new Set(folder === null ? [] : this.#os.cgroups.members(folder));
  }

  #isInCgroup(name: string, pid: Pid): boolean {
    return this.#members(name).has(pid);
  }

  #entries(exe: string): readonly ProcessEntry[] {
    this.#byExe ??= groupByExe(this.#os.processes.scan());
    return this.#byExe.get(exe) ?? [];
  }

  #describe(spec: Spec): Description | null {
    const known = this.#descriptions.get(spec.name);
    if (known !== undefined) return known;
    const description = descriptionOf(spec);
    this.#descriptions.set(spec.name, description);
    return description;
  }
}

const isLeftover = (entry: Candidate, leader: Pid): boolean =>
  entry.session === leader && entry.pid !== leader;

function groupByExe(entries: readonly ProcessEntry[]): Map<string, ProcessEntry[]> {
  const groups = new Map<string, ProcessEntry[]>();
  for (const entry of entries) {
    const { exe } = entry;
    if (exe === null) continue;
    const group = groups.get(exe);
    if (group === undefined) groups.set(exe, [entry]);
    else group.push(entry);
  }
  return groups;
}

/** What the service's main process looks like; null where its program does not exist. */
function descriptionOf(spec: Spec): Description | null {
  const { match, launch } = spec;
  const uids = uidsOf(match?.user ?? spec.user ?? 'root');
  if (match !== null) {
    const exe = executableOf(match.exe)?.exe ?? match.exe;
    const { args } = match;
    return { exe, uids, args: args === null ? { type: 'any' } : { type: 'arguments', args } };
  }
  return launch.type === 'command' ? describeCommand(launch.command, uids) : null;
}

function describeCommand(command: readonly string[], uids: readonly number[]): Description | null {
  const [program = '', ...args] = command;
  const executable = executableOf(program);
  if (executable === null) return null;
  const { exe, script } = executable;
  return script
    ? { exe, uids, args: { type: 'ending', args: command } }
    : { exe, uids, args: { type: 'arguments', args } };
}

/** An unknown user owns no process. */
function uidsOf(user: string): readonly number[] {
  const uid = userId(user);
  return uid === null ? [] : [uid];
}

function found(action: LookAction, held: Held): Input {
  const { pid, startTime, origin } = held;
  return { type: 'found', incarnation: action.incarnation, process: { pid, startTime, origin } };
}
