/**
 * posix_spawn(3). The structures behind it are opaque and differ between C libraries (336 and 80
 * bytes in glibc): they get 512 bytes each.
 */

import { libc, optional, stringsType } from './library.js';

const opaqueSize = 512;

type Opaque = Uint8Array;

const attributesInit: (attributes: Opaque) => number = libc.func(
  'int posix_spawnattr_init(void *attr)',
);
const attributesSetFlags: (attributes: Opaque, flags: number) => number = libc.func(
  'int posix_spawnattr_setflags(void *attr, short flags)',
);
const attributesSetDefault: (attributes: Opaque, signals: Uint8Array) => number = libc.func(
  'int posix_spawnattr_setsigdefault(void *attr, void *sigdefault)',
);
const attributesSetMask: (attributes: Opaque, signals: Uint8Array) => number = libc.func(
  'int posix_spawnattr_setsigmask(void *attr, void *sigmask)',
);

const actionsInit: (actions: Opaque) => number = libc.func(
  'int posix_spawn_file_actions_init(void *actions)',
);
const actionsDestroy: (actions: Opaque) => number = libc.func(
  'int posix_spawn_file_actions_destroy(void *actions)',
);
const actionsAddDuplicate: (actions: Opaque, from: number, to: number) => number = libc.func(
  'int posix_spawn_file_actions_adddup2(void *actions, int fd, int newfd)',
);
const actionsAddFolder: (actions: Opaque, path: string) => number = libc.func(
  'int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)',
);
const actionsAddCloseFrom = optional<(actions: Opaque, from: number) => number>(() =>
  libc.func('int posix_spawn_file_actions_addclosefrom_np(void *actions, int from)'),
);

type SpawnCall = (
  pid: Int32Array,
  path: string,
  actions: Opaque,
  attributes: Opaque,
  argv: readonly (string | null)[],
  envp: readonly (string | null)[],
) => number;
const spawnCall: SpawnCall = libc.func('posix_spawn', 'int', [
  'void *',
  'str',
  'void *',
  'void *',
  stringsType,
  stringsType,
]);

const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const POSIX_SPAWN_SETSID = 0x80;

/** sigset_t has room for 1024 signals in both libraries. */
const signalSetSize = 128;

/** A session of its own, every signal at its default, none blocked: Node ignores SIGPIPE. */
function freshProcess(): Opaque {
  const attributes = new Uint8Array(opaqueSize);
  attributesInit(attributes);
  // sigfillset(3) leaves out the signals that the library keeps for its threads, and these are
  // ignored in the new process then, if they were in use here.
  attributesSetDefault(attributes, new Uint8Array(signalSetSize).fill(0xff));
  attributesSetMask(attributes, new Uint8Array(signalSetSize));
  attributesSetFlags(
    attributes,
    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID,
  );
  return attributes;
}

const attributes = freshProcess();
const pidResult = new Int32Array(1);
const actions = new Uint8Array(opaqueSize);
/** What `actions` say; almost always what they said at the last spawn. */
let prepared = '';

export type Image = Readonly<{
  /** argv[0] is the path of the program. */
  argv: readonly string[];
  /** NAME=VALUE. */
  environment: readonly string[];
  directory: string;
  /** What the new process has as descriptors 0, 1 and 2; it gets no others. */
  descriptors: readonly [number, number, number];
}>;

/** posix_spawn_file_actions_init(3) and what follows it. */
function prepareActions({ descriptors, directory }: Image): void {
  const wanted = `${descriptors.join()} ${directory}`;
  if (wanted === prepared) return;
  if (prepared !== '') actionsDestroy(actions);
  actionsInit(actions);
  descriptors.forEach((fd, index) => {
    actionsAddDuplicate(actions, fd, index);
  });
  actionsAddCloseFrom?.(actions, 3); // glibc 2.34; elsewhere close-on-exec has to suffice.
  actionsAddFolder(actions, directory);
  prepared = wanted;
}

/**
 * posix_spawn(3): returns the pid once the program runs, or the negative errno of what failed,
 * chdir(2) and execve(2) included; it waits for both. It only duplicates descriptors and opens
 * none, since open(2) of a FIFO would not return.
 */
export function spawnProcess(image: Image): number {
  prepareActions(image);
  const result = spawnCall(
    pidResult,
    image.argv[0] ?? '',
    actions,
    attributes,
    [...image.argv, null],
    [...image.environment, null],
  );
  return result === 0 ? (pidResult[0] ?? 0) : -result;
}
