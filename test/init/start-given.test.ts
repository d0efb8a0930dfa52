/** What a service is given: exactly what its definition says, and nothing of esmd's. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootGuarded, inits, sleepOf, type Guarded } from './lib/guarded.js';

/** init may have a soft limit as high as the hard one, which would tell nothing. */
const limitedEsmd = '#!/bin/sh\nulimit -S -n 555\nexec /usr/sbin/esmd\n';

const plain = 'command = ["/bin/sleep", "4861"]\n';

const special = `command = ["/bin/sleep", "4862"]
user = "nobody"
group = "daemon"
umask = "027"
directory = "/var/tmp"
environment = { LANG = "C", COLOUR = "dark blue" }
log = "/var/log/special.log"
[limits]
nofile = 77
`;

/** proc_pid_status(5) as fields by name. */
function statusOf(guarded: Guarded, pid: number): ReadonlyMap<string, string> {
  const lines = guarded.machine.readFile(`/proc/${pid}/status`).trim().split('\n');
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
}

function environmentOf(guarded: Guarded, pid: number): Readonly<Record<string, string>> {
  const text = guarded.machine.readFile(`/proc/${pid}/environ`);
  const pairs = text.split('\0').filter((pair) => pair !== '');
  return Object.fromEntries(pairs.map((pair) => pair.split('=', 2) as [string, string]));
}

const descriptorsOf = (guarded: Guarded, pid: number): Promise<string> =>
  guarded.machine.must([
    'sh',
    '-c',
    `cd /proc/${pid}/fd && for fd in *; do echo "$fd $(readlink "$fd")"; done`,
  ]);

const openFiles = (guarded: Guarded, pid: number): readonly string[] | undefined =>
  /^Max open files +(\d+) +(\d+)/m.exec(guarded.machine.readFile(`/proc/${pid}/limits`))?.slice(1);

for (const init of inits) {
  test(`under ${init}, a service has what its definition says`, async (context) => {
    const guarded = await bootGuarded(context, {
      init,
      services: { plain, special },
      // What esmd itself is started with is none of a service's business.
      environment: { SECRET: 'of init', LANG: 'xx_XX' },
    });
    const pid = await guarded.waitForPid('special');
    await guarded.assertOnly(sleepOf(4862), pid);
    const status = statusOf(guarded, pid);
    const ids = (await guarded.machine.must(['sh', '-c', 'id -u nobody; getent group daemon']))
      .split(/[\n:]/)
      .filter((word) => /^\d+$/.test(word));
    const [uid = '', gid = ''] = ids;
    assert.equal(status.get('Uid'), Array<string>(4).fill(uid).join('\t'));
    assert.equal(status.get('Gid'), Array<string>(4).fill(gid).join('\t'));
    assert.equal(status.get('Umask'), '0027');
    assert.equal(await guarded.machine.must(['readlink', `/proc/${pid}/cwd`]), '/var/tmp\n');
    assert.deepEqual(openFiles(guarded, pid), ['77', '77']);
    const { ESMD_INCARNATION: incarnation, ...environment } = environmentOf(guarded, pid);
    assert.match(incarnation ?? '', /^\d+$/);
    assert.deepEqual(environment, {
      COLOUR: 'dark blue',
      ESMD_SERVICE: 'special',
      HOME: '/nonexistent',
      LANG: 'C',
      LOGNAME: 'nobody',
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      SHELL: '/bin/sh',
      USER: 'nobody',
    });
    assert.equal(
      await descriptorsOf(guarded, pid),
      '0 /dev/null\n1 /var/log/special.log\n2 /var/log/special.log\n',
    );
  });

  test(`under ${init}, a service that says nothing has what init gives a daemon`, async (context) => {
    const guarded = await bootGuarded(context, {
      init,
      services: { plain },
      files: { '/usr/local/sbin/limited-esmd': { text: limitedEsmd, mode: 0o755 } },
      command: '/usr/local/sbin/limited-esmd',
    });
    const esmd = await guarded.esmdPid();
    // The second one is the child of an esmd that was respawned, with all that runs on it by then.
    for (let round = 0, last: number | null = null; round < 2; round += 1) {
      const pid = await guarded.waitForPid('plain', last);
      await guarded.assertOnly(sleepOf(4861), pid);
      const status = statusOf(guarded, pid);
      const signals = ['SigBlk', 'SigIgn', 'SigCgt', 'SigPnd'].map((name) => status.get(name));
      assert.deepEqual(signals, Array<string>(4).fill('0000000000000000'));
      assert.equal(status.get('Uid'), '0\t0\t0\t0');
      assert.equal(status.get('Umask'), '0022');
      assert.equal(guarded.machine.readFile(`/proc/${pid}/oom_score_adj`), '0\n');
      const [, , , , group, session] = guarded.machine.readFile(`/proc/${pid}/stat`).split(' ');
      assert.deepEqual([group, session], [String(pid), String(pid)]);
      // Node raises its own soft limit, and daemons close every descriptor up to theirs.
      const [soft, hard] = openFiles(guarded, pid) ?? [];
      assert.equal(hard, openFiles(guarded, 1)?.[1]);
      assert.equal(soft, '555');
      assert.equal(
        await descriptorsOf(guarded, pid),
        '0 /dev/null\n1 /var/log/esmd/plain.log\n2 /var/log/esmd/plain.log\n',
      );
      last = pid;
      if (round === 0) {
        guarded.machine.kill(esmd);
        await guarded.esmdPid(esmd);
        await guarded.waitUntilReachable();
      }
      guarded.machine.kill(pid);
    }
  });
}

test('a limit of memory holds from the first instruction, or is said to be impossible', async (context) => {
  const limited = 'command = ["/bin/sleep", "4863"]\n[limits]\nmemory_max = "64M"\n';
  const guarded = await bootGuarded(context, { services: { limited } });
  const pid = await guarded.waitForPid('limited');
  await guarded.assertOnly(sleepOf(4863), pid);
  const place = /^0::(.*)$/m.exec(guarded.machine.readFile(`/proc/${pid}/cgroup`))?.[1] ?? '';
  // Whether cgroup v2 has the controller is the host's choice: version 1 may have it instead.
  const limit = guarded.machine.files.readIfThere(`/sys/fs/cgroup${place}/memory.max`);
  const { warnings } = await guarded.service('limited');
  if (limit === null) assert.match(warnings.join(), /Cannot set memory_max/);
  else assert.deepEqual([limit, warnings], [`${64 * 1024 ** 2}\n`, []]);
});
