import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repository } from '../helpers/private-place.js';
import { temporaryFolder } from '../helpers/tmp.js';

test('an installation with a part missing: says so, and does not end at once', async (context) => {
  const folder = temporaryFolder(context);
  cpSync(join(repository, 'build/src'), join(folder, 'src'), { recursive: true });
  cpSync(join(repository, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  rmSync(join(folder, 'src/core/paths.js'));
  const child = spawn(process.execPath, [join(folder, 'src/esmd.js')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  context.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  const ended = once(child.stderr, 'end').then(() => true);
  for (let isOver = false; !isOver && !said.includes('paths.js');) {
    isOver = await Promise.race([ended, once(child.stderr, 'data').then(() => false)]);
  }
  assert.match(said, /^esmd: cannot begin: /);
  // It waits, and would go on for longer than init's patience: unless it is told to end.
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
});
