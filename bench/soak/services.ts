/** The services of the soak test: every kind that esmd knows, all of one program; see actor.c. */

import type { Files } from '../../test/init/lib/root-files.js';

export const folder = '/run/soak';
export const actor = `${folder}/bin/actor`;

export type Kind = Readonly<{
  name: string;
  /** The definition; `variant` is a number by which two differ. */
  define: (variant: number) => string;
  /** The init script whose stops are planned ones; null: it has none. */
  script: string | null;
  /** Within this time it runs again, whatever has happened to it before. Milliseconds. */
  boundMs: number;
  /** Dies by itself, so that a wish to see it run may be disappointed. */
  isMortal: boolean;
  /** Name of a service that has to live for this one to start. */
  needs: string | null;
}>;

const usualBoundMs = 8_000;

// The second failure in a row would wait, and a sixth within a minute would be the last.
const patient = (variant: number): string =>
  `[restart]\nlimit = 10000\ndelay = "${20 + variant}ms"\ndelay_max = "500ms"\n`;

const command = (name: string, variant: number, ...options: readonly string[]): string =>
  `command = ${JSON.stringify([actor, 'run', name, ...options, `variant=${variant}`])}
description = "variant ${variant}"
environment = { VARIANT = "${variant}" }
probation = "${100 + 10 * variant}ms"
`;

const foreground = (
  name: string,
  options: readonly string[],
  more = 'stop_timeout = "2s"\n',
  rest: Partial<Kind> = {},
): Kind => ({
  name,
  define: (variant) => command(name, variant, ...options) + more + patient(variant),
  script: null,
  boundMs: usualBoundMs,
  isMortal: false,
  needs: null,
  ...rest,
});

export const pidFileOf = (name: string): string => `${folder}/${name}.pid`;
const scriptPath = (script: string): string => `/etc/init.d/${script}`;

/** A daemon that puts itself into the background, with a pid file and an init script. */
const background = (name: string): Kind => ({
  name,
  define: (variant) => `start = ["${scriptPath(name)}", "start"]
stop = ["${scriptPath(name)}", "stop"]
initscript = "${name}"
pidfile = "${pidFileOf(name)}"
match = { exe = "${actor}", args = ["serve", "${name}"] }
description = "variant ${variant}"
start_timeout = "${4_000 + variant}ms"
probation = "${100 + 10 * variant}ms"
${patient(variant)}`,
  script: scriptPath(name),
  boundMs: usualBoundMs,
  isMortal: false,
  needs: null,
});

/** Is given up after three failures, and tried again at intervals that grow to ten seconds. */
const givenUp: Kind = {
  ...foreground('givenup', []),
  define: (variant) => `${command('givenup', variant)}[restart]
limit = 3
window = "5s"
retry = "restart"
retry_interval = "1s"
`,
  boundMs: 25_000,
};

export const kinds: readonly Kind[] = [
  foreground('plain', []),
  foreground('other', [], 'user = "daemon"\n'),
  foreground('workers', ['workers=3']),
  foreground('mortal', ['life=3000'], undefined, { isMortal: true }),
  foreground('deaf', ['deaf'], 'stop_timeout = "300ms"\n'),
  foreground('needy', [], 'requires = ["plain"]\nafter = ["workers"]\n', { needs: 'plain' }),
  givenUp,
  background('script'),
  background('script2'),
];

/** As an administrator would write it; what is not its own daemon it leaves alone. */
const initScript = (name: string): string => `#!/bin/sh
. /lib/lsb/init-functions
runs() {
  pid=
  { read -r pid <${pidFileOf(name)}; } 2>/dev/null
  [ -n "$pid" ] && [ "$(tr '\\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")" = "${actor} serve ${name} " ]
}
start() { runs || ${actor} launch ${name} ${pidFileOf(name)} </dev/null >/dev/null 2>&1; }
stop() {
  runs || return 0
  kill "$pid"
  while runs; do sleep 0.02; done
}
case $1 in
  start) start ;;
  stop) stop ;;
  restart) stop; start ;;
  status) runs || exit 3 ;;
  *) exit 2 ;;
esac
`;

const definitionPath = (name: string): string => `/etc/esmd/services/${name}.toml`;

export const definition = (kind: Kind, variant: number): readonly [string, string] => [
  definitionPath(kind.name),
  kind.define(variant),
];

/** What has to be in the machine when it boots. */
export const serviceFiles = (): Files => ({
  ...Object.fromEntries(kinds.map((kind) => definition(kind, 0))),
  ...Object.fromEntries(
    kinds
      .filter(({ script }) => script !== null)
      .map(({ name }) => [scriptPath(name), { text: initScript(name), mode: 0o755 }]),
  ),
});
