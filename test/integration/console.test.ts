import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeConsole, writeConsoleSync } from '../../src/os/console.js';
import { Terminal } from '../helpers/pty.js';
import { temporaryFolder } from '../helpers/tmp.js';
import { waitFor } from '../helpers/wait-for.js';

const module = new URL('../../src/os/console.js', import.meta.url).href;

/** More than any terminal buffers. */
const many = Array.from({ length: 1000 }, (_, index) => `${index} ${'x'.repeat(200)}`);

for (const [name, write] of Object.entries({ writeConsole, writeConsoleSync })) {
  test(`${name}: lines come out whole and harmless`, async (t) => {
    const terminal = new Terminal(t);
    assert.equal(await write(['one', 'two\nthree \u001b[2Jfour', 'größe'], terminal.path), 3);
    let text = '';
    const read = (): string => (text += terminal.read().replace(/\r+/g, ''));
    await waitFor(() => read().endsWith('größe\n'), { what: 'the last line' });
    assert.equal(text, 'one\ntwo three ?[2Jfour\ngröße\n');
  });

  test(`${name}: a terminal that nobody reads takes some lines and no time`, async (t) => {
    const terminal = new Terminal(t);
    const before = performance.now();
    // The kernel moves what was written to the reading end a little later: more fits then.
    let taken = 0;
    for (let now = -1; now !== 0; taken += now) now = await write(many.slice(taken), terminal.path);
    assert.ok(taken > 0 && taken < many.length, `${taken} lines`);
    assert.ok(performance.now() - before < 5000);
    let text = '';
    const shows = async (what: RegExp): Promise<void> => {
      await waitFor(() => what.test((text += terminal.read())), { what: String(what) });
    };
    await shows(new RegExp(`${taken - 1} x{200}\r`));
    await waitFor(async () => (await write(['again'], terminal.path)) === 1, { what: 'room' });
    await shows(/again\r/);
  });

  test(`${name}: no console, a hung up one, and what is none`, async (t) => {
    const folder = temporaryFolder(t);
    assert.equal(await write(['x'], join(folder, 'none')), 0);
    assert.equal(await write(['x'], folder), 0);
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    assert.equal(await write(['x'], fifo), 0, 'nobody reads it');
    const terminal = new Terminal(t);
    terminal.hangUp();
    assert.equal(await write(['x'], terminal.path), 0);
  });

  test(`${name}: does not become the controlling terminal of a session leader`, (t) => {
    const terminal = new Terminal(t);
    const script = `import { ${name} } from '${module}';
      import { openSync } from 'node:fs';
      console.log(await ${name}(['x'], process.argv[1]));
      try { openSync('/dev/tty', 'r'); } catch (error) { console.log(error.code); }`;
    const args = ['--wait', process.execPath, '--input-type=module', '-e', script, terminal.path];
    const { stdout } = spawnSync('setsid', args, { encoding: 'utf8' });
    assert.equal(stdout, '1\nENXIO\n');
  });
}

test('writeConsole: one batch at a time', async (t) => {
  const terminal = new Terminal(t);
  const first = writeConsole(['first'], terminal.path);
  assert.equal(await writeConsole(['second'], terminal.path), 0);
  assert.equal(await first, 1);
  assert.equal(await writeConsole(['third'], terminal.path), 1);
  let text = '';
  await waitFor(() => (text += terminal.read()).includes('third'), { what: 'the last line' });
  assert.doesNotMatch(text, /second/);
});

test('writeConsole: leaves no descriptor open', async (t) => {
  const terminal = new Terminal(t);
  const size = (): number =>
    Number(/^FDSize:\t(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]);
  const before = size();
  for (let round = 0; round < 300; round += 1) {
    await writeConsole(['x'], terminal.path);
    writeConsoleSync(['x'], terminal.path);
    terminal.read();
  }
  assert.equal(size(), before);
});
