/**
 * "Which process is it": finds a service's main process by its pid file, by the cgroup we made
 * for it, and by a search of /proc, and holds it before it is believed.
 */

import type { Monitor } from '../core/monitor/monitor.js';
import type { Process } from '../core/process.js';
import type { Candidate, Choice, Description } from '../core/service/matching.js';
import { choose, fits } from '../core/service/matching.js';
import type { Action, Input, Service } from '../core/service/record.js';
import type { Spec } from '../core/service/spec.js';
import { maySucceed } from '../core/service/succession.js';
import type { Incarnation, Pid } from '../core/units.js';
import type { Cgroups, Exits, Held, ProcessEntry, ProcessTable } from '../os/os.js';
import { readPidFile, type NamedProcess } from '../os/pid-file.js';
import { describeMain, describeStart, possibleUids } from './description.js';
import { groupBy } from './group-by.js';
import { Marked, type Leftovers, type OwnerOf } from './leftovers.js';

export type LookOs = Readonly<{ exits: Exits; processes: ProcessTable; cgroups: Cgroups }>;

type Services = ReadonlyMap<string, Service>;
type LookAction = Extract<Action, { type: 'look' }>;
type Answer = readonly [Input, Held | null];

/** What outlasts a round of looking. */
export type Searches = Readonly<{
  /** When this esmd began, in clock ticks since boot. */
  since: number;
  /** The life of each service that was the last one in the table then. */
  known: ReadonlyMap<string, Incarnation>;
  /** The definitions that it has searched for, to the end. */
  done: WeakSet<Spec>;
  /** What is to be swept before a service is started. */
  left: Leftovers;
}>;

/** The `known` of an esmd that begins with these. */
export const livesOf = ({ services }: Pick<Monitor, 'services'>): Searches['known'] =>
  new Map([...services].map(([name, { incarnation }]) => [name, incarnation]));

/** What a candidate has to be, asked again once it is held. */
type Check = (entry: ProcessEntry) => boolean;

/** It is there, and there was nothing to hold it by: file descriptors, as a rule. */
type Unheld = Readonly<{ unheld: Pid }>;

/**
 * One round of looking: every search in it shares one scan of /proc and one description of each
 * service, so a thousand services cost one scan.
 */
export class Look {
  readonly #os: LookOs;
  readonly #services: Services;
  readonly #ownerOf: OwnerOf;
  readonly #searches: Searches;
  readonly #descriptions = new Map<string, Description | null>();
  #scanned: readonly ProcessEntry[] | null = null;
  #byExe: ReadonlyMap<string, readonly ProcessEntry[]> | null = null;
  #byMarker: ReadonlyMap<string, readonly ProcessEntry[]> | null = null;
  #allMarked: Marked | null = null;

  constructor(os: LookOs, services: Services, ownerOf: OwnerOf, searches: Searches) {
    this.#os = os;
    this.#services = services;
    this.#ownerOf = ownerOf;
    this.#searches = searches;
  }

  /** The answer to a look, and the process that is held where it names one. */
  perform({ service: name, incarnation, scope }: LookAction): Answer {
    const service = this.#services.get(name);
    // Of several questions in one step the last counts; a process that is held for the answer to
    // an earlier one would be missing in that to the last.
    const isAsked = service?.incarnation === incarnation;
    const description = isAsked ? this.#describe(service.spec) : null;
    if (!isAsked || description === null) return [{ type: 'absent', incarnation }, null];
    const [found, held] = this.#find(service, description, scope);
    if (scope === 'scan' && found.type !== 'ambiguous') this.#searched(service.spec, found.type);
    return [{ ...found, incarnation }, held];
  }

  /** What it left behind is asked for by the first search only, and then until nothing is left. */
  #searched(spec: Spec, found: Found['type']): void {
    const { done, left, since } = this.#searches;
    const isAsked = found === 'absent' && (!done.has(spec) || left.has(spec.name));
    done.add(spec);
    left.delete(spec.name);
    if (!isAsked || spec.kill !== 'group') return;
    this.#allMarked ??= new Marked(this.#scan(), since, this.#ownerOf);
    const leftovers = this.#allMarked.leftoversOf(spec);
    if (leftovers.length > 0) left.set(spec.name, leftovers);
  }

  #find(service: Service, description: Description, scope: LookAction['scope']): Finding {
    const { spec } = service;
    const file = spec.pidfile === null ? null : readPidFile(spec.pidfile);
    const named = file === null ? null : this.#byPidFile(file, spec, description);
    if (named !== null) return finding(named);
    if (scope === 'pidfile') return absent;
    const fitting = this.#candidates(service, description);
    const mayBe: Check = ({ startTime }) =>
      spec.pidfile === null || maySucceed(startTime, service.predecessor, file?.pid ?? null);
    const held = this.#holdChosen(
      choose(fitting, mayBe),
      (entry) => this.#isIts(entry, spec, description) && mayBe(entry),
    );
    return held ?? this.#ownChild(service);
  }

  /**
   * What an earlier esmd started just before it died, or we before its definition was removed. It
   * may look like anything: a script that has yet to become the daemon. Its marker tells, which
   * names a life that we know nothing of. Anybody can write one, and so it is asked for no more
   * than is needed: see #mayBeLost.
   */
  #ownChild(service: Service): Finding {
    const { spec } = service;
    const uids = possibleUids(spec);
    const start = describeStart(spec);
    const check: Check = (entry) =>
      !entry.isZombie &&
      entry.uid !== null &&
      uids.has(entry.uid) &&
      entry.isOurs &&
      entry.marker?.service === spec.name &&
      this.#mayBeLost(entry, entry.marker.incarnation, service) &&
      !this.#isWorker(entry, spec) &&
      this.#ownerOf(entry) === null &&
      (spec.launch.type === 'command' || (start !== null && fits(entry, start, false)));
    const [found, held] =
      this.#holdChosen(choose(this.#marked(spec.name).filter(check)), check) ?? absent;
    if (held === null || found.type !== 'found') return [found, held];
    const purpose = spec.launch.type === 'command' ? 'main' : 'start';
    return [{ type: 'spawned', purpose, process: found.process, warnings: [] }, held];
  }

  /** What an earlier esmd started is older than we are, and the first search would have found it. */
  #mayBeLost({ ppid, startTime }: ProcessEntry, life: number, service: Service): boolean {
    const { spec, incarnation } = service;
    if (ppid === process.pid) return life >= incarnation;
    const { since, known, done } = this.#searches;
    // Questions have taken numbers since then. One that was removed and added again has none yet.
    const last = Math.min(known.get(spec.name) ?? Infinity, incarnation - 1);
    return startTime <= since && !done.has(spec) && life > last;
  }

  #holdChosen(choice: Choice, check: Check): Finding | null {
    if (choice.type === 'ambiguous') return [choice, null];
    const held = choice.type === 'found' ? this.#hold(choice.pid, check) : null;
    return held === null ? null : finding(held);
  }

  #byPidFile(file: NamedProcess, spec: Spec, description: Description): Held | Unheld | null {
    const { pid, writer } = file;
    const hasUser = (spec.match?.user ?? null) !== null;
    // A file that only root can write vouches for its process, whatever user that has become.
    if (writer === null) {
      return this.#hold(pid, (entry) => this.#isIts(entry, spec, description, !hasUser));
    }
    if (hasUser && description.uids?.includes(writer) !== true) return null;
    const its = { ...description, uids: [writer] };
    return this.#hold(pid, (entry) => this.#isIts(entry, spec, its));
  }

  /** Opens first, checks what was opened, and then that it is still the same that lives. */
  #hold(pid: Pid, check: Check): Held | Unheld | null {
    const opened = this.#os.exits.hold(pid, 'adopted');
    const entry = this.#os.processes.read(pid);
    if (!opened.ok) {
      const isThere = opened.problem.code !== 'ESM_PROCESS_GONE' && entry !== null && check(entry);
      return isThere ? { unheld: pid } : null;
    }
    const held = opened.value;
    if (entry?.startTime === held.startTime && check(entry) && held.isAlive()) return held;
    held.release();
    return null;
  }

  #isIts(entry: ProcessEntry, spec: Spec, its: Description, vouched = false): boolean {
    const mayBeAny = vouched || isVouched(entry, spec, this.#members(spec));
    return this.#isFree(entry, spec.name) && fits(entry, its, mayBeAny);
  }

  #candidates(service: Service, description: Description): readonly ProcessEntry[] {
    const { spec, leader } = service;
    const members = this.#members(spec);
    return this.#entries(description.exe).filter(
      (entry) =>
        fits(entry, description, isVouched(entry, spec, members)) &&
        this.#isFree(entry, spec.name) &&
        !this.#isMarkedForAnother(entry, spec.name) &&
        !this.#isWorker(entry, spec) &&
        // What our dead child left in its session are workers, not a new daemon.
        !(spec.launch.type === 'command' && leader !== null && isLeftover(entry, leader.pid)),
    );
  }

  /**
   * Whether it is a worker of a daemon that an esmd before us has started, and has outlived it. The
   * daemon itself has executed its program; and where a match says what it becomes, it looks like
   * that, or still has its command at the end of its arguments. Only where workers are swept: a
   * daemon that was taken for one must not get a second copy.
   */
  #isWorker(entry: ProcessEntry, spec: Spec): boolean {
    const { launch, kill, match, name } = spec;
    if (launch.type !== 'command' || kill !== 'group') return false;
    if (entry.startTime > this.#searches.since || entry.marker?.service !== name) return false;
    if (entry.isFork) return true;
    const main = match === null ? null : this.#describe(spec);
    return main !== null && !fits(entry, main, true) && !endsWith(entry.args, launch.command);
  }

  #isFree(entry: ProcessEntry, name: string): boolean {
    const owner = this.#ownerOf(entry);
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

  /** Who its cgroup may vouch for: nobody where a user is named, or where others live in it. */
  #members({ name, match, kill }: Spec): ReadonlySet<Pid> {
    const isAsked = kill === 'group' && (match?.user ?? null) === null;
    const folder = isAsked ? this.#os.cgroups.folder(name) : null;
    return new Set(folder === null ? [] : this.#os.cgroups.members(folder));
  }

  #scan(): readonly ProcessEntry[] {
    return (this.#scanned ??= this.#os.processes.scan());
  }

  #entries(exe: string): readonly ProcessEntry[] {
    this.#byExe ??= groupBy(this.#scan(), (entry) => entry.exe);
    return this.#byExe.get(exe) ?? [];
  }

  /**
   * What we start leads a session of its own, and has init for a parent once we have died. A child
   * of our own that nobody holds is that of a definition which was removed and is there again.
   */
  #marked(name: string): readonly ProcessEntry[] {
    this.#byMarker ??= groupBy(
      this.#scan().filter(({ pid, session, ppid }) => pid === session && isInitOrUs(ppid)),
      (entry) => entry.marker?.service ?? null,
    );
    return this.#byMarker.get(name) ?? [];
  }

  #describe(spec: Spec): Description | null {
    const known = this.#descriptions.get(spec.name);
    if (known !== undefined) return known;
    const description = describeMain(spec);
    this.#descriptions.set(spec.name, description);
    return description;
  }
}

type WithoutNumber<T> = T extends { incarnation: unknown } ? Omit<T, 'incarnation'> : never;
type Found = WithoutNumber<Extract<Input, { type: 'found' | 'absent' | 'ambiguous' | 'spawned' }>>;
type Finding = readonly [Found, Held | null];

const absent: Finding = [{ type: 'absent' }, null];

function finding(held: Held | Unheld): Finding {
  if ('unheld' in held) return [{ type: 'ambiguous', pids: [held.unheld] }, null];
  const { pid, startTime, origin } = held;
  const process: Process = { pid, startTime, origin };
  return [{ type: 'found', process }, held];
}

/** As those of an interpreter, of setpriv(1), or of a shell between esmd and the program do. */
const endsWith = (args: readonly string[], command: readonly string[]): boolean =>
  args.length >= command.length &&
  args.slice(-command.length).every((arg, index) => arg === command[index]);

const isInitOrUs = (pid: Pid): boolean => pid === 1 || pid === process.pid;

/**
 * Root has put it into the cgroup of the service: it may still be root's, and not yet the user's.
 * What users do in there, as in a session of sshd, is theirs.
 */
const isVouched = (entry: ProcessEntry, spec: Spec, members: ReadonlySet<Pid>): boolean =>
  members.has(entry.pid) && entry.uid !== null && possibleUids(spec).has(entry.uid);

const isLeftover = (entry: Candidate, leader: Pid): boolean =>
  entry.session === leader && entry.pid !== leader;
