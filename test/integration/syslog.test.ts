import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Severity } from '../../src/core/event/event.js';
import { wallClock } from '../../src/core/units.js';
import { Syslog, type Sent } from '../../src/os/syslog.js';
import { Receiver, takeOver } from '../helpers/datagram.js';
import { temporaryFolder } from '../helpers/tmp.js';
import { waitFor } from '../helpers/wait-for.js';

const module = new URL('../../src/os/syslog.js', import.meta.url).href;
const at = wallClock(new Date(2026, 0, 5, 7, 8, 9).getTime());
const head = '<29>Jan  5 07:08:09 esmd[77]: ';

const openFiles = (): number => readdirSync('/proc/self/fd').length;

/** Sends until the answer is another one than `sent`; fails if a call takes long. */
function fill(syslog: Syslog): Sent {
  for (let line = 0; line < 100_000; line += 1) {
    const before = performance.now();
    const answer = syslog.send('notice', 'x'.repeat(1000), at);
    assert.ok(performance.now() - before < 1000, 'no call blocks');
    if (answer !== 'sent') return answer;
  }
  return 'sent';
}

test('away before there is a syslogd, sent after it has appeared', (t) => {
  const path = join(temporaryFolder(t), 'log');
  const syslog = new Syslog(path, 77);
  t.after(() => {
    syslog.close();
  });
  assert.equal(syslog.send('notice', 'lost', at), 'away');
  const receiver = new Receiver(t, path);
  assert.equal(syslog.send('notice', 'cron: running', at), 'sent');
  assert.equal(receiver.receive(), `${head}cron: running`);
  assert.equal(receiver.receive(), null);
});

test('every severity has its number, in facility daemon', (t) => {
  const path = join(temporaryFolder(t), 'log');
  const receiver = new Receiver(t, path);
  const syslog = new Syslog(path);
  t.after(() => {
    syslog.close();
  });
  const numbers: Record<Severity, number> = {
    emergency: 24,
    alert: 25,
    critical: 26,
    error: 27,
    warning: 28,
    notice: 29,
    info: 30,
    debug: 31,
  };
  for (const [severity, number] of Object.entries(numbers)) {
    assert.equal(syslog.send(severity as Severity, 'x', at), 'sent');
    assert.equal(receiver.receive(), `<${number}>Jan  5 07:08:09 esmd[${process.pid}]: x`);
  }
});

test('one line, without control characters, of at most 8 KiB', (t) => {
  const path = join(temporaryFolder(t), 'log');
  const receiver = new Receiver(t, path);
  const syslog = new Syslog(path, 77);
  t.after(() => {
    syslog.close();
  });
  const received = (text: string): string => {
    assert.equal(syslog.send('notice', text, at), 'sent');
    return receiver.receive()?.replace(head, '') ?? '';
  };
  assert.equal(received('a\r\nb\tc\0d\u001b[1m\u0085e\u007f'), 'a b c?d?[1m?e?');
  assert.equal(received('größe €'), 'größe €');
  assert.equal(received('x'.repeat(8192 - head.length)).length, 8192 - head.length);
  for (let extra = 0; extra < 4; extra += 1) {
    const cut = received('x'.repeat(extra) + '€'.repeat(5000));
    const size = Buffer.byteLength(head + cut);
    assert.ok(size <= 8192 && size > 8192 - 4, String(size));
    assert.match(cut, /^x*€+\.\.\.$/);
  }
});

test('a killed syslogd is away, and its successor gets the next line', (t) => {
  const path = join(temporaryFolder(t), 'log');
  const first = new Receiver(t, path);
  const syslog = new Syslog(path, 77);
  t.after(() => {
    syslog.close();
  });
  assert.equal(syslog.send('notice', 'one', at), 'sent');
  first.close();
  assert.equal(syslog.send('notice', 'two', at), 'away', 'its name is still there');
  rmSync(path);
  assert.equal(syslog.send('notice', 'three', at), 'away');
  const second = takeOver(t, path);
  assert.equal(syslog.send('notice', 'four', at), 'sent');
  assert.equal(second.receive(), `${head}four`);
});

test('a successor is noticed while the predecessor still lives', (t) => {
  const path = join(temporaryFolder(t), 'log');
  const first = new Receiver(t, path);
  const syslog = new Syslog(path, 77);
  t.after(() => {
    syslog.close();
  });
  assert.equal(fill(syslog), 'full');
  first.drain();
  const second = takeOver(t, path);
  assert.equal(syslog.send('notice', 'for the second', at), 'sent');
  assert.equal(first.receive(), null);
  assert.equal(second.receive(), `${head}for the second`);
});

test('a syslogd that does not read is full, at once, until it reads', (t) => {
  const path = join(temporaryFolder(t), 'log');
  const receiver = new Receiver(t, path);
  const syslog = new Syslog(path, 77);
  t.after(() => {
    syslog.close();
  });
  assert.equal(fill(syslog), 'full');
  assert.equal(syslog.send('notice', 'x', at), 'full');
  assert.ok(receiver.drain() > 0);
  assert.equal(syslog.send('notice', 'after', at), 'sent');
  assert.equal(receiver.receive(), `${head}after`);
});

test('a stream socket: lines end with NUL', async (t) => {
  const path = join(temporaryFolder(t), 'log');
  let text = '';
  const clients: Socket[] = [];
  const server = createServer((client) => {
    clients.push(client);
    client.on('data', (data) => (text += data.toString('utf8')));
  }).listen(path);
  await once(server, 'listening');
  t.after(() => server.close());
  const syslog = new Syslog(path, 77);
  t.after(() => {
    syslog.close();
  });
  assert.equal(syslog.send('notice', 'one', at), 'sent');
  assert.equal(syslog.send('notice', 'two', at), 'sent');
  await waitFor(() => text.endsWith('two\0'), { what: 'both lines' });
  assert.equal(text, `${head}one\0${head}two\0`);

  for (const client of clients) client.destroy();
  await waitFor(() => clients.every((client) => client.closed), {
    what: 'the end of the connection',
  });
  assert.equal(syslog.send('notice', 'three', at), 'sent', 'connects again');
  await waitFor(() => text.endsWith('three\0'), { what: 'the third line' });

  const datagrams = takeOver(t, path);
  assert.equal(syslog.send('notice', 'four', at), 'sent', 'changes its kind');
  assert.equal(datagrams.receive(), `${head}four`);
});

test('a stream socket that nobody accepts on is full, and never half a line ahead', (t) => {
  const path = join(temporaryFolder(t), 'log');
  const listener = new Receiver(t, path, 'stream');
  const syslogs = Array.from({ length: 5 }, () => new Syslog(path));
  t.after(() => {
    for (const syslog of syslogs) syslog.close();
  });
  // The queue of listen(2) is full after two connections, and a connection after some lines.
  for (const syslog of syslogs) assert.equal(fill(syslog), 'full');
  listener.close();
  for (const syslog of syslogs) assert.equal(syslog.send('notice', 'x', at), 'away');
});

test('what is no socket is away, and nothing leaks', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'folder'));
  const paths = ['none', 'file', 'folder', 'file/below', 'x'.repeat(120), 'a\0b'];
  const before = openFiles();
  for (let round = 0; round < 20; round += 1) {
    for (const path of paths) {
      const syslog = new Syslog(join(folder, path));
      assert.equal(syslog.send('notice', 'x', at), 'away', path);
    }
    const receiver = takeOver(t, join(folder, 'log'));
    const syslog = new Syslog(join(folder, 'log'));
    assert.equal(syslog.send('notice', 'x', at), 'sent');
    receiver.close();
    assert.equal(syslog.send('notice', 'x', at), 'away');
    syslog.close();
  }
  assert.equal(openFiles(), before);
});

test('a real syslogd: started, stopped, continued, killed, started again', () => {
  const script = `import { Syslog } from '${module}';
    import { spawn } from 'node:child_process';
    import { once } from 'node:events';
    import { readFileSync } from 'node:fs';
    const start = () => spawn('busybox', ['syslogd', '-n', '-O', '/dev/out'], { stdio: 'ignore' });
    const syslog = new Syslog();
    const until = async (answer) => {
      const deadline = performance.now() + 10_000;
      let longest = 0;
      for (;;) {
        const before = performance.now();
        const got = syslog.send('notice', 'until ' + answer, Date.now());
        longest = Math.max(longest, performance.now() - before);
        if (got === answer || before > deadline) return console.log(got, longest < 500);
        await new Promise(setImmediate);
      }
    };
    await until('away');
    let syslogd = start();
    await until('sent');
    syslogd.kill('SIGSTOP');
    await until('full');
    syslogd.kill('SIGCONT');
    await until('sent');
    syslogd.kill('SIGKILL');
    await once(syslogd, 'exit');
    await until('away');
    syslogd = start();
    await until('sent');
    const written = () => readFileSync('/dev/out', 'utf8').trim().split('\\n').at(-1);
    while (!/until sent$/.test(written())) await new Promise(setImmediate);
    console.log(written().replace(/^.{15} \\S+ /, '').replace(String(process.pid), 'PID'));
    syslogd.kill('SIGKILL');`;
  const enter = 'mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && exec "$@"';
  const output = execFileSync(
    'unshare',
    [
      ...['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', enter, 'sh'],
      ...[process.execPath, '--input-type=module', '-e', script],
    ],
    { encoding: 'utf8', timeout: 60_000 },
  );
  assert.equal(
    output,
    'away true\nsent true\nfull true\nsent true\naway true\nsent true\n' +
      'daemon.notice esmd[PID]: until sent\n',
  );
});
