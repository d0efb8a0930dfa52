/** esmd as `make install` installs it, made once for all machines. */

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from './keeper.js';
import { fingerprint } from './packages.js';
import { cacheFolder, forgetOthers, repository } from './places.js';

/** What goes into an installation; the rest of the tree may change without a new one. */
const sources = ['build/bundle', 'init.d', 'man', 'completions', 'install.mk', 'package-lock.json'];

/** Folder with the modules: shown in every machine as it is, since copying it takes a while. */
const library = '/usr/lib/esmd';

/** The parts of a {@link Plan} that put esmd into a machine: programs, scripts and hooks. */
export function installedEsmd(): Required<Pick<Plan, 'layers' | 'binds'>> {
  const folder = stageEsmd();
  return { layers: [join(folder, 'rest.tar')], binds: [[join(folder, 'lib'), library]] };
}

function stageEsmd(): string {
  const stages = cacheFolder('stage');
  const key = fingerprint(JSON.stringify([process.execPath, ...sources.flatMap(describeTree)]));
  const folder = join(stages, key);
  if (existsSync(folder)) {
    utimesSync(folder, new Date(), new Date());
    return folder;
  }
  // make(1) takes a path with a space in it, as a checkout may have, for two.
  const temporary = mkdtempSync(join(tmpdir(), 'esmd-stage-'));
  const root = join(temporary, 'root');
  const unfinished = join(stages, `${key}.${process.pid}`);
  try {
    const install = ['install', `DESTDIR=${root}`, 'prefix=/usr', `NODE=${process.execPath}`];
    // -o: what is built is what is installed, even if a source is newer.
    run('make', ['--silent', '-o', 'build/.done', ...install]);
    mkdirSync(unfinished);
    run('cp', ['-R', join(root, library), join(unfinished, 'lib')]);
    rmSync(join(root, library), { recursive: true });
    mkdirSync(join(root, library));
    run('tar', ['-cf', join(unfinished, 'rest.tar'), '-C', root, '.']);
    run('mv', ['-T', unfinished, folder]);
  } catch (error) {
    // Another test process may have been faster.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    rmSync(temporary, { recursive: true, force: true });
  }
  forgetOthers(stages, key);
  return folder;
}

function run(program: string, args: readonly string[]): void {
  // A make that runs the tests passes on options that are not for this one, and the mode of the
  // folders becomes that of the machine's own.
  const env = { ...process.env, MAKEFLAGS: '', MAKELEVEL: '' };
  execFileSync('sh', ['-c', 'umask 022; exec "$@"', 'sh', program, ...args], {
    cwd: repository,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Paths with sizes and times: cheap to get, and different when a file is. */
function describeTree(path: string): readonly (string | number)[] {
  const found = statSync(join(repository, path), { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path, found.size, found.mtimeMs];
  return readdirSync(join(repository, path)).flatMap((name) => describeTree(join(path, name)));
}
