/** From the files to a Configuration. It reads through functions handed in, and never throws. */

import { setImmediate } from 'node:timers/promises';
import type { ProblemCode } from '../core/problem-codes.js';
import type { Problem } from '../core/result.js';
import type { Settings } from '../core/service/spec.js';
import { assemble } from './assemble.js';
import type { Configuration } from './configuration.js';
import { DEFAULT_SETTINGS } from './defaults.js';
import { type Decoded, decodeService } from './service.js';
import { decodeSettings } from './settings.js';
import type { ConfigurationPaths, ConfigurationSource } from './source.js';

const SUFFIX = '.toml';

/** Decoding this many files takes about a millisecond; then deaths and clients have their turn. */
const FILES_PER_TURN = 16;

export type LoadOptions = Readonly<{
  /** The options of the command line, which win over the file. */
  overrides?: Partial<Settings>;
  /** What holds while the file of settings is broken. */
  lastGood?: Settings;
}>;

/**
 * Reads and decodes everything. Whatever is wrong is in `problems`; the rest is used. What was
 * good before and is broken now is for the caller to keep: see keep.ts.
 */
export async function loadConfiguration(
  paths: ConfigurationPaths,
  source: ConfigurationSource,
  options: LoadOptions = {},
): Promise<Configuration> {
  const { settings, problems } = await loadSettings(paths.settings, source, options);
  const services = await loadServices(paths.services, source, settings);
  const assembled = assemble(services.decoded);
  return {
    settings,
    specs: assembled.specs,
    problems: [...problems, ...services.problems, ...assembled.problems],
    unreadable: assembled.unreadable,
    extent: services.extent,
  };
}

export async function loadSettings(
  file: string,
  source: ConfigurationSource,
  { overrides = {}, lastGood = DEFAULT_SETTINGS }: LoadOptions,
): Promise<Readonly<{ settings: Settings; problems: readonly Problem[] }>> {
  const text = await source.read(file);
  if (text.ok) {
    const { settings, problems } = decodeSettings(file, text.value);
    return { settings: { ...(settings ?? lastGood), ...overrides }, problems };
  }
  return isMissing(text.problem)
    ? { settings: { ...DEFAULT_SETTINGS, ...overrides }, problems: [] }
    : { settings: { ...lastGood, ...overrides }, problems: [{ file, ...text.problem }] };
}

export type Services = Readonly<{
  decoded: readonly Decoded[];
  /** Of the folder itself. */
  problems: readonly Problem[];
  extent: Configuration['extent'];
}>;

/** Every NAME.toml in the folder. Hidden files and what editors and packages leave are no such. */
export async function loadServices(
  folder: string,
  source: ConfigurationSource,
  settings: Settings,
): Promise<Services> {
  const names = await source.list(folder);
  if (!names.ok) {
    return { decoded: [], problems: [folderProblem(folder, names.problem)], extent: 'unknown' };
  }
  const decoded: Decoded[] = [];
  const files = names.value.filter((name) => name.endsWith(SUFFIX) && !name.startsWith('.'));
  for (const [i, name] of [...files].sort().entries()) {
    if (i % FILES_PER_TURN === FILES_PER_TURN - 1) await setImmediate();
    const file = await loadService(`${folder}/${name}`, source, settings);
    if (file !== null) decoded.push(file);
  }
  return { decoded, problems: [], extent: 'whole' };
}

/** null: it does not exist; a file may be removed between being listed and being read. */
export async function loadService(
  file: string,
  source: ConfigurationSource,
  settings: Settings,
): Promise<Decoded | null> {
  const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.toml$/, '');
  const text = await source.read(file);
  if (text.ok) return decodeService(file, name, text.value, settings);
  if (isMissing(text.problem)) return null;
  const problems = [{ file, ...text.problem }];
  return { name, file, spec: null, problems, lineOf: () => undefined };
}

/** A file in a folder that does not exist does not exist either. */
const MISSING: readonly string[] = [
  'ESM_FILE_MISSING',
  'ESM_FOLDER_MISSING',
] satisfies readonly ProblemCode[];

const isMissing = ({ code }: Problem): boolean => MISSING.includes(code);

const folderProblem = (folder: string, cause: Problem): Problem => ({
  code: 'ESM_CONFIG_NO_FOLDER' satisfies ProblemCode,
  message: `Cannot read the folder of services, and so no service is added or removed: ${
    isMissing(cause) ? 'it does not exist' : cause.message
  }`,
  remedy: isMissing(cause)
    ? 'make the folder, and put a file NAME.toml into it for each daemon'
    : (cause.remedy ?? 'let it be a folder that only root can write'),
  file: folder,
});
