/**
 * What `esmctl check` reports: what esmd finds when it loads, and whether the machine is as the
 * files say.
 */

import type { ProblemCode } from '../core/problem-codes.js';
import { ok, type Problem } from '../core/result.js';
import { assemble } from './assemble.js';
import { DEFAULT_SETTINGS } from './defaults.js';
import { checkSpec, type Host } from './host.js';
import { loadService, loadServices, loadSettings } from './load.js';
import type { Decoded } from './service.js';
import { decodeSettings } from './settings.js';
import type { ConfigurationPaths, ConfigurationSource, DraftSource } from './source.js';

/**
 * Every problem of the installed files; or, if `files` are named, every problem of these: each
 * takes the place of the installed file of the same name, so that a draft is seen among the
 * others before it is installed. A file called esmd.toml is one of global settings.
 */
export async function checkConfiguration(
  paths: ConfigurationPaths,
  source: DraftSource,
  host: Host,
  files: readonly string[] = [],
): Promise<readonly Problem[]> {
  if (files.length === 0) return checkInstalled(paths, source, host);
  const given: Decoded[] = [];
  const problems: Problem[] = [];
  for (const file of files) {
    const draft = await source.readDraft(file);
    if (draft.ok) problems.push(...draft.value.problems);
    const text = draft.ok ? ok(draft.value.text) : draft;
    if (lastPart(file) === lastPart(paths.settings)) {
      // Named by hand, the file has to be there.
      problems.push(
        ...(text.ok ? decodeSettings(file, text.value).problems : [{ file, ...text.problem }]),
      );
      continue;
    }
    const decoded = await loadService(file, { ...source, read: () => text }, DEFAULT_SETTINGS);
    if (decoded === null) problems.push(missing(file));
    else given.push(decoded);
  }
  const installed = await loadServices(paths.services, source, DEFAULT_SETTINGS);
  const about = new Set(given.map(({ file }) => file));
  const others = installed.decoded.filter(({ file }) => !about.has(file));
  // Of two files for one service the first counts.
  const among = assemble([...given, ...others]).problems.filter(({ file = '' }) => about.has(file));
  return [...problems, ...among, ...checkMachine(given, host)];
}

async function checkInstalled(
  paths: ConfigurationPaths,
  source: ConfigurationSource,
  host: Host,
): Promise<readonly Problem[]> {
  const { settings, problems } = await loadSettings(paths.settings, source, {});
  const services = await loadServices(paths.services, source, settings);
  return [
    ...problems,
    ...services.problems,
    ...assemble(services.decoded).problems,
    ...checkMachine(services.decoded, host),
  ];
}

function checkMachine(decoded: readonly Decoded[], host: Host): readonly Problem[] {
  return decoded.flatMap(({ spec, file, lineOf }) =>
    (spec === null ? [] : checkSpec(spec, host)).map(({ key, ...problem }) => {
      const line = lineOf(key);
      return { ...problem, file, key, ...(line === undefined ? {} : { line }) };
    }),
  );
}

const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const missing = (file: string): Problem => ({
  code: 'ESM_FILE_MISSING' satisfies ProblemCode,
  message: 'Cannot check the file: it does not exist',
  file,
});
