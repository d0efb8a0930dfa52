/** Node as esmd is run, but with nothing to do: what no program on Node can do without. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../test/init/lib/places.js';
import type { PlaceOptions } from './place.js';
import { program } from './programs.js';

const script = '/root/plain-node';

/** The options that the wrapper gives to Node. */
function flags(): string {
  const text = readFileSync(join(repository, 'init.d/esmd.wrapper.in'), 'utf8');
  const found = /^exec "\$node" (.*) "\$main" "\$@"$/m.exec(text)?.[1];
  if (found === undefined) throw new Error('Cannot find the options of Node in the wrapper');
  return found;
}

/** Entry and file that run it, and tell its number in a slot. */
export const plainNode = (slot: number): Pick<PlaceOptions, 'entries' | 'files'> => ({
  entries: [{ id: 'pn', action: 'once', process: `${program('stamp')} ${slot} ${script}` }],
  files: {
    [script]: {
      text: `#!/bin/sh\nexec ${process.execPath} ${flags()} -e 'setInterval(() => {}, 2 ** 31 - 1)'\n`,
      mode: 0o755,
    },
  },
});
