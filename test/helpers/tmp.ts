/** A fresh folder for one test. */

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Makes a folder (mode 0700, no symbolic links in its path) that goes when the test ends. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'esmd-test-'));
  context.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
