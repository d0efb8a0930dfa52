/** The configuration as the daemon reads it: from disk, checked, and never worse than the last. */

import { readdirSync } from 'node:fs';
import type { Configured } from '../core/monitor/monitor.js';
import { order } from '../core/monitor/order.js';
import { paths } from '../core/paths.js';
import { failed, ok } from '../core/result.js';
import type { Settings, Spec } from '../core/service/spec.js';
import type { Configuration } from '../config/configuration.js';
import { FILE_LIMIT } from '../config/document.js';
import { keepLastGood } from '../config/keep.js';
import { loadConfiguration } from '../config/load.js';
import type { ConfigurationSource } from '../config/source.js';
import { checkFolders } from '../os/file-owner.js';
import { readChecked } from '../os/file.js';

/** Only what root alone can write: esmd runs what it says as root. */
export const diskSource: ConfigurationSource = {
  read(path) {
    const folders = checkFolders(path);
    if (!folders.ok) return folders;
    const content = readChecked(path, { maxBytes: FILE_LIMIT, owner: 'root' });
    return content.ok ? ok(content.value.text) : content;
  },
  list(folder) {
    const folders = checkFolders(`${folder}/any`);
    if (!folders.ok) return folders;
    try {
      return ok(readdirSync(folder));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return failed({
        code: code === 'ENOENT' ? 'ESM_FILE_MISSING' : 'ESM_FILE_UNREADABLE',
        message: `Cannot read the folder: ${code}`,
        file: folder,
      });
    }
  },
};

export type Loaded = Readonly<{ configuration: Configuration; input: Configured }>;

/** Reads everything; what is broken now keeps the last good definition from `lastGood`. */
export async function load(
  overrides: Partial<Settings>,
  lastGood: ReadonlyMap<string, Spec>,
  settings: Settings,
): Promise<Loaded> {
  const options = { overrides, lastGood: settings };
  const read = await loadConfiguration(paths, diskSource, options);
  const configuration = keepLastGood(read, lastGood);
  const { specs, unreadable, problems } = configuration;
  const ordered = order([...specs.values()], new Set(unreadable));
  const inOrder = ordered.order.map((name) => specs.get(name)).filter((spec) => spec !== undefined);
  const input: Configured = {
    type: 'configured',
    specs: inOrder,
    requires: ordered.requires,
    after: ordered.after,
    problems,
  };
  return { configuration, input };
}
