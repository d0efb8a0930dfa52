/** Node as esmd is run, but with nothing to do: what no program on Node can do without. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../test/init/lib/places.js';
import type { PlaceOptions } from './place.js';
import { program } from './programs.js';

const script = '/root/plain-node';

const module = '/root/plain-node.mjs';

/** The wrapper of esmd, with another program to run. */
const wrapper = (): string =>
  readFileSync(join(repository, 'init.d/esmd.wrapper.in'), 'utf8')
    .replace(/^node=.*$/m, `node=${process.execPath}`)
    .replace(/^main=.*$/m, `main=${module}`);

/** Entry and files that run it, and tell its number in a slot. */
export const plainNode = (slot: number): Pick<PlaceOptions, 'entries' | 'files'> => ({
  entries: [{ id: 'pn', action: 'once', process: `${program('stamp')} ${slot} ${script}` }],
  files: {
    [script]: { text: wrapper(), mode: 0o755 },
    [module]: { text: 'setInterval(() => {}, 2 ** 31 - 1);\n', mode: 0o644 },
  },
});
