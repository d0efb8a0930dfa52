import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { watchFile, watchFolder, type Watch } from '../../src/os/watch.js';
import { temporaryFolder } from '../helpers/tmp.js';
import { waitFor } from '../helpers/wait-for.js';

const module = new URL('../../src/os/watch.js', import.meta.url).href;

/** A watch that counts, and is closed with the test. */
class Counted {
  #calls = 0;
  readonly watch: Watch;

  constructor(context: TestContext, start: typeof watchFile, path: string) {
    this.watch = start(path, () => (this.#calls += 1));
    context.after(() => {
      this.watch.close();
    });
  }

  get calls(): number {
    return this.#calls;
  }

  /** Acts, and waits for a call after that. */
  async tells(what: string, act: () => void): Promise<void> {
    await this.settled();
    const before = this.#calls;
    act();
    await waitFor(() => this.#calls > before, { what });
  }

  /** Waits until no further call has come for some turns of the loop. */
  async settled(): Promise<void> {
    let before: number;
    do {
      before = this.#calls;
      await new Promise((resolve) => setTimeout(resolve, 30));
    } while (this.#calls > before);
  }
}

/** The number of inotify(7) watches of this process. */
function watches(): number {
  let count = 0;
  for (const fd of readdirSync('/proc/self/fdinfo')) {
    try {
      const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
      count += text.split('\n').filter((line) => line.startsWith('inotify wd:')).length;
    } catch {
      // The descriptor of the folder itself.
    }
  }
  return count;
}

test('watchFile: tells of everything that happens to the file', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'file');
  const watched = new Counted(t, watchFile, path);
  await watched.tells('made', () => writeFileSync(path, ''));
  await watched.tells('written', () => appendFileSync(path, 'x'));
  await watched.tells('replaced', () => {
    writeFileSync(join(folder, 'new'), '');
    renameSync(join(folder, 'new'), path);
  });
  await watched.tells('mode changed', () => chmodSync(path, 0o600));
  await watched.tells('removed', () => rmSync(path));
  await watched.tells('made again', () => writeFileSync(path, ''));
});

test('watchFile: not of its neighbours', async (t) => {
  const folder = temporaryFolder(t);
  const watched = new Counted(t, watchFile, join(folder, 'file'));
  const control = new Counted(t, watchFile, join(folder, 'file2'));
  await control.tells('the neighbour', () => writeFileSync(join(folder, 'file2'), ''));
  assert.equal(watched.calls, 0);
});

test('watchFile: before its folder, and the folder above, exist', async (t) => {
  const top = temporaryFolder(t);
  const folder = join(top, 'a', 'b', 'c');
  const path = join(folder, 'file');
  const watched = new Counted(t, watchFile, path);
  await watched.tells('all of it at once', () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, '');
  });
  await watched.tells('written', () => appendFileSync(path, 'x'));
  await watched.tells('removed with its folders', () =>
    rmSync(join(top, 'a'), { recursive: true }),
  );
  await watched.tells('the first folder', () => mkdirSync(join(top, 'a')));
  await watched.tells('the others', () => mkdirSync(folder, { recursive: true }));
  await watched.tells('the file', () => writeFileSync(path, ''));
});

test('watchFile: after its folder was replaced', async (t) => {
  const top = temporaryFolder(t);
  const folder = join(top, 'run');
  const path = join(folder, 'file');
  mkdirSync(folder);
  const watched = new Counted(t, watchFile, path);
  await watched.tells('moved away, and another in its place', () => {
    renameSync(folder, join(top, 'old'));
    mkdirSync(folder);
  });
  await watched.tells('made in the new one', () => writeFileSync(path, ''));
  await watched.tells('removed and made again', () => {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
  });
  await watched.tells('made in the newest one', () => writeFileSync(path, ''));
  const before = watched.calls;
  const control = new Counted(t, watchFile, join(top, 'control'));
  writeFileSync(join(top, 'old', 'file'), '');
  await control.tells('control', () => writeFileSync(join(top, 'control'), ''));
  assert.equal(watched.calls, before, 'the old folder is not watched any more');
});

test('watchFile: a folder that is a link, by both names', async (t) => {
  const top = temporaryFolder(t);
  mkdirSync(join(top, 'run'));
  symlinkSync('run', join(top, 'link'));
  const byLink = new Counted(t, watchFile, join(top, 'link', 'file'));
  const byName = new Counted(t, watchFile, join(top, 'run', 'file'));
  writeFileSync(join(top, 'run', 'file'), '');
  await waitFor(() => byLink.calls > 0 && byName.calls > 0, { what: 'both are told' });
  await byName.tells('gone', () => rmSync(join(top, 'run'), { recursive: true }));
  await waitFor(() => byLink.calls > 1, { what: 'told by the link as well' });
});

test('watchFile: a dangling link, a file and a loop in place of the folder', async (t) => {
  const top = temporaryFolder(t);
  symlinkSync('nowhere', join(top, 'dangling'));
  symlinkSync('loop', join(top, 'loop'));
  writeFileSync(join(top, 'plain'), '');
  for (const name of ['dangling', 'loop', 'plain']) {
    const folder = join(top, name);
    const watched = new Counted(t, watchFile, join(folder, 'file'));
    await watched.tells(`a folder in place of ${name}`, () => {
      rmSync(folder);
      mkdirSync(folder);
    });
    await watched.tells('the file', () => writeFileSync(join(folder, 'file'), ''));
  }
});

test('watchFolder: tells of files and folders in it, and in those', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'old.toml'), 'x');
  const watched = new Counted(t, watchFolder, folder);
  await watched.tells('written', () => appendFileSync(join(folder, 'old.toml'), 'x'));
  await watched.tells('made', () => writeFileSync(join(folder, 'new.toml'), ''));
  await watched.tells('mode changed', () => chmodSync(join(folder, 'new.toml'), 0o666));
  await watched.tells('renamed over', () =>
    renameSync(join(folder, 'new.toml'), join(folder, 'old.toml')),
  );
  await watched.tells('removed', () => rmSync(join(folder, 'old.toml')));
  await watched.tells('a FIFO', () => execFileSync('mkfifo', [join(folder, 'fifo')]));
  await watched.tells('a folder', () => mkdirSync(join(folder, 'sub')));
  await watched.tells('a file in it', () => writeFileSync(join(folder, 'sub', 'f'), ''));
  await watched.tells('written there', () => appendFileSync(join(folder, 'sub', 'f'), 'x'));
});

test('watchFolder: what is there from the start is not told', async (t) => {
  const folder = temporaryFolder(t);
  for (let file = 0; file < 20; file += 1) writeFileSync(join(folder, String(file)), '');
  const watched = new Counted(t, watchFolder, folder);
  await watched.settled();
  assert.equal(watched.calls, 0);
});

test('watchFolder: a change right after the call is told', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'old'), '');
  const first = new Counted(t, watchFolder, folder);
  writeFileSync(join(folder, 'f'), '');
  await waitFor(() => first.calls > 0, { what: 'the file made at once' });
  const second = new Counted(t, watchFolder, folder);
  appendFileSync(join(folder, 'old'), 'x');
  await waitFor(() => second.calls > 0, { what: 'the file written at once' });
});

test('watchFolder: missing at first, made, removed, made again, replaced', async (t) => {
  const top = temporaryFolder(t);
  const folder = join(top, 'etc', 'services');
  const file = join(folder, 'f');
  const watched = new Counted(t, watchFolder, folder);
  await watched.tells('made', () => mkdirSync(folder, { recursive: true }));
  await watched.tells('a file', () => writeFileSync(file, ''));
  for (let round = 0; round < 3; round += 1) {
    await watched.tells('removed', () => rmSync(join(top, 'etc'), { recursive: true }));
    await watched.tells('made again with a file', () => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, '');
    });
    await watched.tells('written', () => appendFileSync(file, 'x'));
  }
  await watched.tells('replaced', () => {
    mkdirSync(join(top, 'new'));
    renameSync(folder, join(top, 'old'));
    renameSync(join(top, 'new'), folder);
  });
  await watched.tells('a file in the new one', () => writeFileSync(file, ''));
});

test('a closed watch says nothing more and leaves nothing behind', async (t) => {
  const before = watches();
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'sub'));
  const all = [
    new Counted(t, watchFile, join(folder, 'file')),
    new Counted(t, watchFile, join(folder, 'none', 'file')),
    new Counted(t, watchFolder, folder),
    new Counted(t, watchFolder, join(folder, 'missing')),
  ];
  await waitFor(() => watches() >= before + 2, { what: 'watches are there' });
  await all[2]?.settled();
  for (const each of all) each.watch.close();
  assert.equal(watches(), before);
  const control = new Counted(t, watchFile, join(folder, 'control'));
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'missing'));
  await control.tells('control', () => writeFileSync(join(folder, 'control'), ''));
  assert.deepEqual(
    all.map((each) => each.calls),
    [0, 0, 0, 0],
  );
});

test('closed at once, before chokidar has read the folder: no error and nothing left', async (t) => {
  const before = watches();
  const folder = temporaryFolder(t);
  for (let round = 0; round < 20; round += 1) watchFolder(folder, () => undefined).close();
  const control = new Counted(t, watchFolder, folder);
  await control.tells('it still works', () => writeFileSync(join(folder, 'f'), ''));
  control.watch.close();
  assert.equal(watches(), before);
});

test('a folder of a thousand files takes one watch', async (t) => {
  const before = watches();
  const folder = temporaryFolder(t);
  for (let file = 0; file < 1000; file += 1) writeFileSync(join(folder, `${file}.toml`), '');
  const watched = new Counted(t, watchFolder, folder);
  await watched.tells('one of them', () => appendFileSync(join(folder, '500.toml'), 'x'));
  await watched.settled();
  assert.ok(watches() - before <= 2, 'the folder and the one above it');
});

test('idle: no timer and no polling, even where the environment asks for it', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'f'), '');
  const script = `import { watchFile, watchFolder } from '${module}';
    import { writeFileSync } from 'node:fs';
    let calls = 0;
    watchFolder('${folder}', () => { calls += 1; });
    watchFile('${folder}/f', () => { calls += 1; });
    watchFile('/no/such/folder/f', () => {});
    const active = () => process.getActiveResourcesInfo();
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    writeFileSync('${folder}/f', 'x');
    const deadline = performance.now() + 10_000;
    while (calls === 0 && performance.now() < deadline) await turn();
    // chokidar's timers after an event end by themselves.
    const isBusy = () => active().some((name) => name !== 'FSEventWrap' && !/Pipe|TTY/.test(name));
    while (isBusy() && performance.now() < deadline) await turn();
    console.log(calls > 0, [...new Set(active().filter((name) => !/Pipe|TTY/.test(name)))].join());
    process.exit();`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...process.env, CHOKIDAR_USEPOLLING: '1', CHOKIDAR_INTERVAL: '50' },
  });
  assert.equal(output, 'true FSEventWrap\n');
});

test('no descriptor left for inotify: no error, and nothing told', (t) => {
  const folder = temporaryFolder(t);
  const script = `import { watchFile, watchFolder } from '${module}';
    import { openSync } from 'node:fs';
    try { for (;;) openSync('/dev/null', 'r'); } catch (error) { console.log(error.code); }
    const watches = [watchFile('${folder}/f', () => {}), watchFolder('${folder}', () => {})];
    setTimeout(() => { for (const each of watches) each.close(); console.log('fine'); process.exit(); }, 200);`;
  const output = execFileSync(
    'sh',
    ['-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', script],
    { encoding: 'utf8' },
  );
  assert.equal(output, 'EMFILE\nfine\n');
});
