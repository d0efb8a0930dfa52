/** What `esmctl check` reads and asks of this machine; the same rules as those of the daemon. */

import { readdirSync } from 'node:fs';
import { FILE_LIMIT } from '../config/document.js';
import type { Host } from '../config/host.js';
import type { DraftSource } from '../config/source.js';
import { failed, ok } from '../core/result.js';
import { errorCode } from '../os/error-code.js';
import { checkFolders } from '../os/file-owner.js';
import { readChecked } from '../os/file.js';
import { checkProgram } from '../os/program.js';
import { groupId, userId } from '../os/users.js';

export const diskSource: DraftSource = {
  read(path) {
    const content = readChecked(path, { maxBytes: FILE_LIMIT, owner: 'root' });
    // A file that is missing is said to be missing, and not to lie in a missing folder.
    if (!content.ok) return content;
    const folders = checkFolders(path);
    return folders.ok ? ok(content.value.text) : folders;
  },
  readDraft(path) {
    const asEsmd = readChecked(path, { maxBytes: FILE_LIMIT, owner: 'root' });
    if (asEsmd.ok) return ok({ text: asEsmd.value.text, problems: [] });
    const draft = readChecked(path, { maxBytes: FILE_LIMIT, owner: 'any' });
    return draft.ok ? ok({ text: draft.value.text, problems: [asEsmd.problem] }) : draft;
  },
  list(folder) {
    try {
      const names = readdirSync(folder);
      const folders = checkFolders(`${folder}/any`);
      return folders.ok ? ok(names) : folders;
    } catch (error) {
      const code = errorCode(error);
      return failed({
        code: code === 'ENOENT' ? 'ESM_FILE_MISSING' : 'ESM_FILE_UNREADABLE',
        message: `Cannot read the folder: ${code}`,
        file: folder,
      });
    }
  },
};

export const thisHost: Host = {
  checkProgram: (path, asRoot) => checkProgram(path, { asRoot }),
  hasUser: (name) => userId(name) !== null,
  hasGroup: (name) => groupId(name) !== null,
};
