/** A shell in the private machine, for people who want to kill things themselves. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { plainEnvironment } from '../init/lib/enter.js';
import { show, say } from './say.js';
import type { Set } from './stage-set.js';

const settings = `PS1='private machine# '
alias ll='ls -l'
`;

/** Resolves when the shell has ended, or the machine. */
export async function prompt({ machine, hasScripts }: Set): Promise<void> {
  show('esmctl status', (await machine.run(['esmctl', 'status'])).stdout);
  say(`\nYou are root in a machine of its own. What you can try:
  kill -9 $(pidof ${hasScripts ? 'rsyslogd' : '-x sampled'})     then: esmctl status
  kill -9 $(cat /run/esmd.pid)    init starts it again, and it adopts the daemons
  esmctl why sampled; esmctl stop sampled; esmctl start sampled; esmctl events -f; esmctl top`);
  if (hasScripts) {
    say(`  service cron stop               a planned stop is not fought
  tail /var/log/syslog            what esmd said
  telinit 3; shutdown -h now`);
  }
  say('"exit" ends the machine, and nothing of it is left.\n');
  machine.writeFile('/root/.scene', settings);
  const shell = machine.files.exists('/bin/bash') ? 'bash --rcfile /root/.scene' : 'sh';
  const inTerminal = ['script', '--quiet', '--command', shell, '/dev/null'];
  const [program = '', ...args] = machine.commandLine(inTerminal);
  const TERM = process.env['TERM'] ?? 'linux';
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: { ...plainEnvironment, TERM, ENV: '/root/.scene' },
  });
  await once(child, 'exit');
}
