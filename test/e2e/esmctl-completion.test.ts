/** The completion scripts in the shells they are for, on a terminal, with the key pressed. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test, type TestContext } from 'node:test';
import { temporaryFolder } from '../helpers/tmp.js';
import { waitFor } from '../helpers/wait-for.js';

const completions = resolve(import.meta.dirname, '../../../completions');

/** In the place of esmctl: knows the names, and tells how it was called. */
const stub = `#!/bin/sh
case $1 in
  names) printf '%s\\n' rsyslogd cron@one cron@two ;;
  *) printf 'RAN[%s]\\n' "$*" ;;
esac
`;

const prompt = 'READY> ';

/** How each shell is started so that it knows the script and shows our prompt. */
const shells: Readonly<Record<string, (folder: string) => readonly string[]>> = {
  bash: (folder) => {
    const start = join(folder, 'bashrc');
    writeFileSync(start, `PS1='${prompt}'\nsource ${completions}/esmctl.bash\n`);
    return ['bash', '--noprofile', '--rcfile', start, '-i'];
  },
  zsh: (folder) => {
    const start = `PS1='${prompt}'\nfpath=(${completions} $fpath)\nautoload -Uz compinit\ncompinit -u -D\n`;
    writeFileSync(join(folder, '.zshrc'), start);
    return ['zsh', '-d', '-i'];
  },
  fish: () => [
    'fish',
    '--no-config',
    '--init-command',
    `function fish_prompt; printf '${prompt}'; end; source ${completions}/esmctl.fish`,
    '--interactive',
  ],
};

/** Types the lines, each at a prompt, and returns what ran. */
async function type(
  context: TestContext,
  shell: string,
  lines: readonly string[],
): Promise<readonly string[]> {
  const folder = temporaryFolder(context);
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/esmctl'), stub);
  chmodSync(join(folder, 'bin/esmctl'), 0o755);
  writeFileSync(join(folder, 'draft.toml'), '');
  const command = shells[shell]?.(folder) ?? [];
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const child = spawn('script', ['--quiet', '--flush', '--command', quoted, '/dev/null'], {
    cwd: folder,
    env: {
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      TERM: 'dumb',
      HOME: folder,
      ZDOTDIR: folder,
      LC_ALL: 'C.UTF-8',
    },
  });
  const gone = new Promise((resolve) => child.on('exit', resolve));
  context.after(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  let shown = '';
  child.stdout.on('data', (bytes: Buffer) => (shown += bytes.toString()));
  const patience = { timeoutMs: 15_000 };
  const ran = (): readonly string[] =>
    [...shown.matchAll(/RAN\[(.*?)\]/g)].map(([, args = '']) => args);
  await waitFor(() => shown.includes(prompt), { ...patience, what: `a prompt of ${shell}` });
  for (const [at, line] of lines.entries()) {
    child.stdin.write(`${line}\r`);
    await waitFor(() => ran().length > at, { ...patience, what: `${shell}: ${line} in ${shown}` });
  }
  return ran();
}

const typed = [
  'esmctl wh\trsys\t',
  'esmctl --vers\t',
  'esmctl stop --for\tcron@o\t',
  'esmctl rest\tcron@o\trsys\t',
  'esmctl check dra\t',
  'esmctl events --fol\t',
  'esmctl completion zs\t',
];

const expected = [
  'why rsyslogd',
  '--version',
  'stop --force cron@one',
  'restart cron@one rsyslogd',
  'check draft.toml',
  'events --follow',
  'completion zsh',
];

for (const shell of Object.keys(shells)) {
  test(`completion in ${shell}`, async (context) => {
    assert.deepEqual(
      (await type(context, shell, typed)).map((line) => line.trim()),
      expected,
    );
  });
}
