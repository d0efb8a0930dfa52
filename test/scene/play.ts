/** The scene that plays by itself: daemons are killed, and what becomes of them is told. */

import type { Status } from '../../src/core/status.js';
import type { Match, Process } from '../init/lib/processes.js';
import { sampleDaemon } from './sample.js';
import { say, show } from './say.js';
import type { Set } from './stage-set.js';

/** By service: the process that is meant. */
const daemons: Readonly<Record<string, Match>> = {
  rsyslogd: isMain('/usr/sbin/rsyslogd'),
  cron: isMain('/usr/sbin/cron'),
  sampled: (process) => process.args.includes(sampleDaemon),
};

const esmd: Match = '/esmd.js';
const backTimeoutMs = 20_000;
const handsOffMs = 2_000;

/** Resolves if everything came back as it should, and else rejects. */
export async function play(set: Set): Promise<void> {
  const { machine, services, hasScripts } = set;
  await guarded(set);
  show('esmctl status', await machine.must(['esmctl', 'status']));
  for (const service of services) await killOne(set, service);
  if (hasScripts) await planStop(set);
  await guarded(set);
  await killEsmd(set);
  await guarded(set);
  show('esmctl status', await machine.must(['esmctl', 'status']));
  tellSyslog(set);
  const began = performance.now();
  await machine.powerOff();
  say(`\nThe machine shut itself down in ${since(began)} ms, and nothing of it is left.`);
}

/** Waits until all services run and have survived their probation. */
async function guarded({ machine, services }: Set): Promise<void> {
  const run = async (): Promise<boolean> => {
    const { stdout } = await machine.run(['esmctl', 'status', '--json']);
    if (stdout === '') return false;
    const status = JSON.parse(stdout) as Status;
    const running = status.services.filter((service) => service.state === 'running');
    if (services.every((name) => running.some((service) => service.name === name))) return true;
    // Every question is a process of its own.
    await new Promise((resolve) => setTimeout(resolve, 100));
    return false;
  };
  await machine.waitFor(run, `${services.join(', ')} to run`, backTimeoutMs);
}

async function killOne({ machine }: Set, service: string): Promise<void> {
  const match = daemons[service] ?? service;
  const [before = 0] = machine.pids(match);
  const began = performance.now();
  machine.kill(before);
  const after = await machine.waitForPid(match, [before], backTimeoutMs);
  say(`\n# kill -9 ${before}\n${service} is back after ${since(began)} ms, as process ${after}.`);
}

async function planStop({ machine }: Set): Promise<void> {
  const match = daemons['cron'] ?? 'cron';
  show('service cron stop', await machine.must(['service', 'cron', 'stop']));
  const until = performance.now() + handsOffMs;
  while (performance.now() < until) {
    if (machine.pids(match).length > 0) throw new Error('cron was stopped, and came back');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  say('A planned stop, announced by the unchanged init script: esmd leaves cron alone.');
  show('esmctl why cron', (await machine.run(['esmctl', 'why', 'cron'])).stdout);
  show('service cron start', await machine.must(['service', 'cron', 'start']));
  await machine.waitForPid(match, [], backTimeoutMs);
  say('It is monitored again.');
}

async function killEsmd({ machine, services }: Set): Promise<void> {
  const running = (): string =>
    services.map((service) => machine.pids(daemons[service] ?? service).join()).join(' ');
  const guardedBefore = running();
  const [before = 0] = machine.pids(esmd);
  const began = performance.now();
  machine.kill(before);
  const after = await machine.waitForPid(esmd, [before], backTimeoutMs);
  say(`\n# kill -9 ${before}`);
  say(`esmd itself: init started it again within ${since(began)} ms, as process ${after}.`);
  const answers = async (): Promise<boolean> =>
    (await machine.run(['esmctl', 'status', ...services])).code === 0;
  await machine.waitFor(answers, 'esmd to answer', backTimeoutMs);
  if (running() !== guardedBefore) throw new Error('A daemon did not survive the death of esmd');
  say(`It guards again after ${since(began)} ms; the daemons went on and were adopted.`);
}

function tellSyslog({ machine }: Set): void {
  const lines = machine.syslogLines().filter((line) => line.includes('esmd['));
  show('grep esmd /var/log/syslog | tail', lines.slice(-12).join('\n'));
}

const since = (began: number): string => (performance.now() - began).toFixed(0);

/** A daemon as opposed to its copies: those that it forks to do something are its children. */
function isMain(program: string): (process: Process) => boolean {
  return ({ args, parent }) => args[0] === program && parent === 1;
}
