/**
 * The state file as the daemon reads it: synchronously, and only where one statx(2) says that it
 * has changed. Signals and inotify only make the look prompt; nothing correct depends on them.
 */

import { paths } from '../core/paths.js';
import type { Input } from '../core/monitor/monitor.js';
import type { Problem } from '../core/result.js';
import { decode, STATE_FILE_LIMIT } from '../core/state-file.js';
import { readChecked } from '../os/file.js';
import { Fingerprint } from '../os/fingerprint.js';

export class StateFileReader {
  readonly #path: string;
  #print: Fingerprint | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** What to tell the core; null where nothing has changed since the last look. */
  look(): Input | null {
    // Taken before the read: if the file changes meanwhile, the next one differs.
    if (this.#print === null) this.#print = new Fingerprint(this.#path, 'itself');
    else if (!this.#print.hasChanged()) return null;
    const content = readChecked(this.#path, { maxBytes: STATE_FILE_LIMIT, owner: 'root' });
    if (!content.ok) {
      // EMFILE and the like pass, and leave the file as it is.
      if (content.problem.code === 'ESM_FILE_UNREADABLE') this.#print = null;
      return this.#unreadable(content.problem.message);
    }
    const file = decode(content.value.text);
    return file.ok
      ? { type: 'state-file', file: file.value }
      : this.#unreadable(file.problem.message);
  }

  #unreadable(why: string): Input {
    const problem: Problem = {
      code: 'ESM_STATE_UNREADABLE',
      message: why,
      remedy: `the last good state holds, or nothing is monitored, until ${paths.controlScript} writes it anew`,
      file: this.#path,
    };
    return { type: 'state-file-problem', problem };
  }
}
