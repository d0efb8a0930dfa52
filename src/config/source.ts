/** Where the text of files comes from: os/file.ts, which also looks at who may write them. */

import type { Problem, Result } from '../core/result.js';

/** What does not exist is the problem `ESM_FILE_MISSING` or `ESM_FOLDER_MISSING`. */
export interface ConfigurationSource {
  /** The text of a file; only a regular one, of root, that nobody else can write, ≤ 1 MiB. */
  read(path: string): Result<string> | Promise<Result<string>>;
  /** The names in a folder, in any order. */
  list(folder: string): Result<readonly string[]> | Promise<Result<readonly string[]>>;
}

export type Draft = Readonly<{
  text: string;
  /** Why esmd would not read the file as it is. */
  problems: readonly Problem[];
}>;

/** What `esmctl check` reads besides: files that are yet to be installed. */
export interface DraftSource extends ConfigurationSource {
  /** A regular file ≤ 1 MiB, whoever may write to it, and wherever it lies. */
  readDraft(path: string): Result<Draft> | Promise<Result<Draft>>;
}

export type ConfigurationPaths = Readonly<{
  /** The file of global settings; need not exist. */
  settings: string;
  /** The folder of NAME.toml files. */
  services: string;
}>;
