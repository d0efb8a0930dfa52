import assert from 'node:assert/strict';
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { StateFileReader } from '../../../src/daemon/state-file.js';
import { getLimit, setLimit } from '../../../src/os/libc/limit.js';
import { temporaryFolder } from '../../helpers/tmp.js';

function file(context: TestContext) {
  const path = join(temporaryFolder(context), 'esm.state');
  const reader = new StateFileReader(path);
  const replace = (mode: string): void => {
    writeFileSync(`${path}.new`, `version 1\nmode ${mode}\nend\n`);
    renameSync(`${path}.new`, path);
  };
  /** What the look tells: a mode, a problem, or nothing. */
  const look = (): string | null => {
    const input = reader.look();
    if (input?.type === 'state-file') return input.file.mode;
    return input?.type === 'state-file-problem' ? input.problem.message : null;
  };
  return { path, replace, look };
}

/** Runs it with no descriptor to be had. */
function withoutDescriptors(act: () => void): void {
  const own = getLimit('openFiles');
  const lowest = openSync('/', 'r');
  closeSync(lowest);
  setLimit('openFiles', { ...own, soft: BigInt(lowest) });
  try {
    act();
  } finally {
    setLimit('openFiles', own);
  }
}

describe('the state file', () => {
  test('is told when it has changed, and only then', (t) => {
    const { replace, look, path } = file(t);
    assert.match(look() ?? 'nothing', /missing/);
    assert.equal(look(), null);
    replace('run');
    assert.deepEqual([look(), look()], ['run', null]);
    replace('boot');
    assert.deepEqual([look(), look()], ['boot', null]);
    rmSync(path);
    assert.match(look() ?? 'nothing', /missing/);
    assert.equal(look(), null);
  });

  test('that cannot be read for the moment is read with the next look', (t) => {
    const { replace, look } = file(t);
    replace('run');
    withoutDescriptors(() => {
      assert.match(look() ?? 'nothing', /EMFILE/);
    });
    assert.equal(look(), 'run');
  });
});
