/**
 * Init scripts of the LSB in a private place that has the hook installed, and a stand-in for
 * init.d/esm that only notes what it is told, in the order of what the scripts do.
 */

import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { Shell } from './control-script.js';
import { initd, PrivatePlace, shells, type Ran, type RunOptions } from './private-place.js';

const notes = '/etc/notes';

/** A line of shell with which a script notes what it does. */
export const note = (words: string): string => `echo "${words}" >>${notes}`;

export class LsbPlace {
  readonly place: PrivatePlace;

  private constructor(place: PrivatePlace) {
    this.place = place;
  }

  static async open(context: TestContext): Promise<LsbPlace> {
    const place = await PrivatePlace.open(context, 'etc', 'usr');
    install(place);
    place.write('/etc/init.d/esm', `#!/bin/sh\n${note('esm $*')}\n`, 0o755);
    return new LsbPlace(place);
  }

  /** Describes a monitored daemon whose init script it names. */
  service(name: string, initscript: string): void {
    this.place.write(`/etc/esmd/services/${name}.toml`, `initscript = "${initscript}"\n`);
  }

  /** Writes an init script: lines before and after it sources the functions of the LSB. */
  script(name: string, body: string, before = ''): void {
    const lines = ['#!/bin/sh', before, '. "${FUNCTIONS:-/lib/lsb/init-functions}"', body, ''];
    this.place.write(`/etc/init.d/${name}`, lines.join('\n'), 0o755);
  }

  /** Runs words under a shell; what was noted meanwhile, and how it ended. */
  async run(
    shell: Shell,
    words: readonly string[],
    options: RunOptions = {},
  ): Promise<Ran & Readonly<{ noted: readonly string[] }>> {
    this.place.remove(notes);
    // Debian's busybox takes its own run-parts(8), which cannot list the hooks.
    const functions = { FUNCTIONS: '/usr/lib/lsb/init-functions.d/50-esm' };
    const env = { ...(shell === 'busybox ash' ? functions : {}), ...options.env };
    const ran = await this.place.run([...shells[shell], ...words], { ...options, env });
    return { ...ran, noted: this.noted() };
  }

  noted(): readonly string[] {
    if (!this.place.exists(notes)) return [];
    return this.place.read(notes).split('\n').slice(0, -1);
  }
}

/** Puts hook and announcer where `make install` puts them. */
export function install(place: PrivatePlace): void {
  const put = (name: string, to: string, mode: number): void => {
    place.write(to, readFileSync(initd(name), 'utf8'), mode);
  };
  put('50-esm', '/usr/lib/lsb/init-functions.d/50-esm', 0o644);
  put('esm-announce', '/usr/lib/esmd/esm-announce', 0o755);
  put('esm', '/etc/init.d/esm', 0o755);
  place.write('/etc/esmd/services/.keep', '');
}
