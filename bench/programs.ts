/** The C programs beside this file: compiled for each run, and put into every machine. */

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { needProgram, repository } from '../test/init/lib/places.js';

const names = ['daemon', 'loop', 'stamp', 'kill'] as const;

const library = '/usr/lib/bench';

/** The path of a program in a machine. */
export const program = (name: (typeof names)[number]): string => `${library}/${name}`;

/** Compiles all of them and returns a layer for a machine, made in `folder`. */
export function buildPrograms(folder: string): string {
  const root = join(folder, 'root');
  mkdirSync(join(root, library), { recursive: true });
  const cc = needProgram('cc');
  for (const name of names) {
    const source = join(repository, 'bench', `${name}.c`);
    // Static: the loader's work is the same for every restart, and would only add noise.
    const options = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-static'];
    execFileSync(cc, [...options, '-o', join(root, library, name), source]);
  }
  const layer = join(folder, 'programs.tar');
  execFileSync('tar', ['-cf', layer, '-C', root, '--owner=0', '--group=0', '.']);
  return layer;
}
