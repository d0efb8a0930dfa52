/** What a command works with: the daemon, the terminal, the clock. Tests hand in their own. */

import type { paths } from '../core/paths.js';
import type { Client } from './client.js';
import { writeError, writeOut } from './output.js';
import { safeLines } from './render/text.js';
import type { View } from './render/view.js';

export type Environment = Readonly<{
  client: Client;
  paths: typeof paths;
  /** Where and when: asked anew for each line, as windows change their size. */
  view: () => View;
  out: (text: string | Uint8Array) => void;
  /** A line for the user that is not the answer; control characters in it are shown. */
  complain: (line: string) => void;
}>;

export function processEnvironment(client: Client, where: typeof paths): Environment {
  return {
    client,
    paths: where,
    view: () => viewOf(process.stdout),
    out: writeOut,
    complain: (line) => {
      writeError(`esmctl: ${safeLines(line)}\n`);
    },
  };
}

/** https://no-color.org: any value but the empty one switches colour off. */
function viewOf(stdout: NodeJS.WriteStream): View {
  const isTerminal = stdout.isTTY;
  const isPlain = (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb';
  return {
    columns: isTerminal ? Math.max(20, stdout.columns) : null,
    colour: isTerminal && !isPlain,
    now: Date.now(),
  };
}
