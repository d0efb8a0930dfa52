/**
 * Being told that a path has changed, by inotify(7) and never by polling: an idle watch costs
 * nothing. A watch outlives its path, which may be missing, appear later, vanish and be replaced.
 * It only makes a look prompt: it tells too often rather than too rarely, but where the kernel has
 * no watches left (fs.inotify.max_user_watches) it tells nothing.
 */

import { realpathSync, statSync, watch as watchNames, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import { watch as watchTree, type FSWatcher as TreeWatcher } from 'chokidar';

export interface Watch {
  close(): void;
}

/** `renamed`: it was made, removed or replaced; `changed`: it was written or its mode changed. */
type Told = (how: 'renamed' | 'changed') => void;

/**
 * Calls `onChange` when the entry at `path` is made, written, replaced or removed. What is there
 * already is not told.
 */
export const watchFile = (path: string, onChange: () => void): Watch =>
  new EntryWatch(path, onChange);

/**
 * Calls `onChange` when something changes in the folder at `path` or in a folder directly in it,
 * and when the folder itself comes, goes or is replaced. Several changes at once are one call.
 */
export const watchFolder = (path: string, onChange: () => void): Watch =>
  new FolderWatch(path, onChange);

/** How often the way to an entry may change while it is being followed. */
const mostAttempts = 8;

/**
 * Watches the folder that holds the entry; while there is none, the nearest one above, for the
 * next part of the path.
 */
class EntryWatch implements Watch {
  readonly #path: string;
  readonly #told: Told;
  #watcher: FSWatcher | null = null;

  constructor(path: string, told: Told) {
    this.#path = path;
    this.#told = told;
    this.#begin();
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }

  #begin(): void {
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const awaited = this.#watchNearest();
      // Unless a folder on the way has appeared just before there was a watch for it.
      if (awaited === this.#path || !exists(awaited)) return;
    }
  }

  /** The part of the path that the watch now waits for; `/` if there is no watch. */
  #watchNearest(): string {
    let awaited = this.#path;
    while (awaited !== '/' && !this.#watch(dirname(awaited), awaited)) awaited = dirname(awaited);
    return awaited;
  }

  #watch(folder: string, awaited: string): boolean {
    this.close();
    try {
      // Resolved, as one folder watched by two names would tell only the first as its own.
      const real = realpathSync(folder);
      const watcher = watchNames(real);
      watcher.on('change', (kind, name) => {
        if (name === basename(awaited)) this.#entryTold(kind, awaited);
        // IN_DELETE_SELF, IN_MOVE_SELF and IN_UNMOUNT come under the name of the folder itself.
        else if (kind === 'rename' && name === basename(real)) this.#wayChanged();
      });
      watcher.on('error', () => {
        watcher.close();
      });
      this.#watcher = watcher;
      return true;
    } catch {
      return false; // ENOENT, ENOTDIR: it has to appear. ENOSPC, EMFILE: no watches left.
    }
  }

  #entryTold(kind: string, awaited: string): void {
    if (awaited === this.#path) this.#told(kind === 'rename' ? 'renamed' : 'changed');
    else if (kind === 'rename') this.#wayChanged();
  }

  /** A folder on the way has come, gone or been replaced, and the entry with it. */
  #wayChanged(): void {
    this.#begin();
    this.#told('renamed');
  }
}

/** An entry watch of the folder itself, and chokidar for what is in it as long as it exists. */
class FolderWatch implements Watch {
  readonly #path: string;
  readonly #onChange: () => void;
  readonly #entry: EntryWatch;
  #tree: TreeWatcher | null = null;
  #bridge: FSWatcher | null = null;
  #isTelling = false;
  #isClosed = false;

  constructor(path: string, onChange: () => void) {
    this.#path = path;
    this.#onChange = onChange;
    this.#watchTree();
    this.#entry = new EntryWatch(path, (how) => {
      // Always a new tree: a new folder can have the inode number of the one before.
      if (how === 'renamed') this.#watchTree();
      this.#tell();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#entry.close();
    this.#closeTree();
  }

  #watchTree(): void {
    this.#closeTree();
    const folder = resolved(this.#path);
    if (folder === null) return; // The entry watch tells when it comes.
    const tree = watchTree(folder, {
      persistent: true,
      ignoreInitial: true,
      usePolling: false,
      // Otherwise what is removed is told 100 ms later.
      atomic: false,
      followSymlinks: false,
      depth: 1,
      // A folder's own watch tells of the files in it; chokidar's watch of each costs 8 MB for a
      // thousand of them. What happens to them thus comes as `raw`.
      ignored: (_, stats) => stats?.isDirectory() === false,
    });
    tree.on('raw', () => {
      this.#tell();
    });
    tree.on('all', () => {
      this.#tell();
    });
    tree.on('error', () => undefined);
    tree.on('ready', () => this.#bridge?.close());
    this.#tree = tree;
    this.#bridge = this.#watchMeanwhile(folder);
  }

  /** chokidar watches a folder only when it has read all of it. */
  #watchMeanwhile(folder: string): FSWatcher | null {
    try {
      const bridge = watchNames(folder, () => {
        this.#tell();
      });
      bridge.on('error', () => undefined);
      return bridge;
    } catch {
      return null;
    }
  }

  #closeTree(): void {
    this.#bridge?.close();
    const tree = this.#tree;
    this.#tree = null;
    if (tree === null) return;
    void tree.close();
    // close() takes off all listeners, and a late `error` without one would be thrown.
    tree.on('error', () => undefined);
  }

  #tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    setImmediate(() => {
      this.#isTelling = false;
      if (!this.#isClosed) this.#onChange();
    });
  }
}

function resolved(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

// chokidar lets this variable, which a kernel command line can set for init, override its options.
delete process.env['CHOKIDAR_USEPOLLING'];
