/** One TOML text against one schema: its value, or every problem in it at once. */

import { parse, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { type Finding, lineFinder, type LineOf, toProblems } from './finding.js';
import { formatKey, locateKeys } from './locate.js';
import type { Problem } from '../core/result.js';
import type { KnownKeys } from './schema.js';
import { findUnknownKeys } from './unknown-keys.js';
import type { Table } from './value.js';

/** 1 MiB; the reader counts bytes, which are never fewer than the characters counted here. */
export const FILE_LIMIT = 1_048_576;

/** What we know is nested three deep; the parser goes down by recursion. */
const DEEPEST = 32;

export type Document<T> = Readonly<{
  /** null if there is any problem. */
  value: T | null;
  problems: readonly Problem[];
  lineOf: LineOf;
}>;

/**
 * Decodes `text`, which was read from `file`. Never throws. `rules` finds what no single value
 * shows, such as keys that exclude each other; it sees the table as it was written.
 */
export function decodeDocument<T>(
  file: string,
  text: string,
  format: Readonly<{
    schema: v.GenericSchema<unknown, T>;
    keys: KnownKeys;
    rules: (document: Table) => readonly Finding[];
  }>,
): Document<T> {
  const lineOf = lineFinder(() => locateKeys(text));
  const document = parseText(file, text);
  if ('problem' in document) return { value: null, problems: [document.problem], lineOf };

  const decoded = v.safeParse(format.schema, document.table, { abortPipeEarly: true });
  const problems = toProblems(
    file,
    [
      ...findUnknownKeys(document.table, format.keys),
      ...format.rules(document.table),
      ...(decoded.issues ?? []).map(toFinding),
    ],
    lineOf,
  );
  return {
    value: decoded.success && problems.length === 0 ? decoded.output : null,
    problems,
    lineOf,
  };
}

function parseText(file: string, text: string): { table: Table } | { problem: Problem } {
  if (text.length > FILE_LIMIT) {
    const message = 'Cannot read the file: it is larger than 1 MiB';
    return { problem: { code: 'ESM_CONFIG_TOO_LARGE', message, file } };
  }
  // What a decoder puts in the place of bytes that are not UTF-8, as TOML has to be.
  const invalid = text.indexOf('\ufffd');
  if (invalid !== -1) {
    const message = 'Cannot read the file as TOML: it is not UTF-8';
    const line = text.slice(0, invalid).split('\n').length;
    return { problem: { code: 'ESM_CONFIG_SYNTAX', message, file, line } };
  }
  try {
    return { table: parse(text, { integersAsBigInt: true, maxDepth: DEEPEST }) };
  } catch (err) {
    // The message goes on with a picture of the place, over several lines.
    const [said] = (err instanceof Error ? err.message : String(err)).split('\n');
    const reason = said?.replace('Invalid TOML document: ', '') ?? '';
    const message = `Cannot read the file as TOML: ${reason}`;
    const line = err instanceof TomlError ? { line: err.line } : {};
    return { problem: { code: 'ESM_CONFIG_SYNTAX', message, file, ...line } };
  }
}

function toFinding(issue: v.BaseIssue<unknown>): Finding {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  const isMissing = issue.path?.at(-1)?.origin === 'key';
  return {
    code: isMissing ? 'ESM_CONFIG_MISSING' : 'ESM_CONFIG_VALUE',
    message: issue.message,
    ...(path.length === 0 ? {} : { key: formatKey(path) }),
  };
}
