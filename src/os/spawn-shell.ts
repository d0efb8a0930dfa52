/**
 * What a shell does between esmd and the program, in the cases in which esmd itself cannot. Each
 * wraps a command into a longer one. The shell replaces itself by the command; what goes wrong is
 * on its stderr, which is the log, and ends with exit status 126 or 127 as in sh(1).
 */

const shell = '/bin/sh';

/** Shells add to the environment what they keep there themselves. */
const become = 'unset PWD OLDPWD SHLVL; exec "$@"';

/** Goes into a cgroup first; where it cannot, it says so, and goes on. */
export const withinCgroup = (folder: string, command: readonly string[]): string[] => [
  ...[shell, '-c', `echo 0 >"$1/cgroup.procs"; shift; ${become}`, 'esmd'],
  ...[folder, ...command],
];

/** Sets the limit of open files, soft and hard: it may be lowered, never raised. */
export const withDescriptorLimit = (limit: number, command: readonly string[]): string[] => [
  ...[shell, '-c', `ulimit -n "$1" || exit 126; shift; ${become}`, 'esmd'],
  ...[String(limit), ...command],
];

/**
 * For a directory or a program on a filesystem that may not answer: posix_spawn(3) waits until
 * the program is loaded, and so does Node's spawn (libuv reads the outcome from a pipe), and with
 * either the event loop would wait as long. Here it is the shell that hangs. A program that root
 * is to run is examined there as well.
 */
export function fromRemote(
  directory: string,
  program: string,
  asRoot: boolean,
  command: readonly string[],
): string[] {
  const script = `cd -- "$1" || exit 126; ${asRoot ? examine : ''} shift 2; ${become}`;
  return [shell, '-c', script, 'esmd', directory, program, ...command];
}

// ls -ldn: mode, links, owner by number. The sixth and ninth letter of the mode say whether the
// group and others may write; a folder like /tmp has no place above a program of root's.
const examine = `
  is_roots() {
    set -- $(LC_ALL=C ls -Lldn -- "$1")
    [ "$3" = 0 ] || return 1
    case $1 in ?????w*|????????w*) return 1 ;; esac
  }
  path=$2
  while :; do
    is_roots "\${path:-/}" || {
      echo "esmd: root would run $2, but others can change \${path:-/}" >&2
      exit 126
    }
    [ -n "$path" ] || break
    path=\${path%/*}
  done
  `;
