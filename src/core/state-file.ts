/**
 * The text of the state file ↔ value; esm.state(5) is its grammar. Only `init.d/esm` writes it,
 * but its bytes come from outside: whatever they are, the answer is a value or a problem.
 *
 * A file that is not understood as a whole is refused, and the caller keeps the last good one. A
 * line that is not understood is left out with a warning: a file by a newer control script still
 * takes a daemon out of monitoring.
 */

import { nearest } from './nearest.js';
import type { ProblemCode } from './problem-codes.js';
import { failed, ok, type Problem, type Result } from './result.js';
import { isServiceName, SERVICE_NAME_RULE } from './service/name.js';

/** `unknown`: a word that we do not know; as with `boot`, only daemons named `up` are monitored. */
export type Mode = 'boot' | 'run' | 'shutdown' | 'unknown';
export type DaemonState = 'up' | 'stopping' | 'down';

export type StateFile = Readonly<{
  mode: Mode;
  /** In the order of the lines. */
  daemons: ReadonlyMap<string, DaemonState>;
  warnings: readonly Problem[];
}>;

/** 64 KiB; the reader counts bytes, which are never fewer than the characters counted here. */
export const STATE_FILE_LIMIT = 65_536;

/** A file full of nonsense has thousands of lines, and each warning becomes a line in syslog. */
const WARNINGS_LISTED = 20;

const MODES = ['boot', 'run', 'shutdown'] as const;
const DAEMON_STATES = ['up', 'stopping', 'down'] as const;

type Statement = Readonly<{ line: number; words: readonly string[] }>;
type Draft = { mode: Mode | null; daemons: Map<string, DaemonState>; warnings: Problem[] };

/** Control characters other than white space, or what a decoder leaves of invalid UTF-8. */
const BINARY = /[^\P{Cc}\t\n\r]|\ufffd/u;

/**
 * Decodes the text of a state file. Never throws. Problems and warnings carry a line but no file.
 * A file without a `mode` statement is refused.
 */
export function decode(text: string): Result<StateFile> {
  if (text.length > STATE_FILE_LIMIT) return unreadable('is larger than 64 KiB');
  if (BINARY.test(text)) return unreadable('is not text');
  const statements = split(text);
  const first = statements[0];
  if (first === undefined) return unreadable('is empty, has to begin with "version 1"');
  const frame = checkFrame(statements, first);
  if (frame !== null) return frame;

  const draft: Draft = { mode: null, daemons: new Map(), warnings: [] };
  for (const statement of statements.slice(1, -1)) read(draft, statement);
  const { mode, daemons, warnings } = draft;
  if (mode === null) return unreadable('has no "mode" statement');
  return ok({ mode, daemons, warnings: cap(warnings) });
}

/** The text that decodes to the same mode and daemons. */
export function encode(
  state: Readonly<{
    mode: Exclude<Mode, 'unknown'>;
    daemons: ReadonlyMap<string, DaemonState>;
  }>,
): string {
  const daemons = [...state.daemons].map(([name, word]) => `daemon ${name} ${word}\n`);
  return `version 1\nmode ${state.mode}\n${daemons.join('')}end\n`;
}

/** A name never contains "#", so that a comment may begin anywhere. */
function split(text: string): Statement[] {
  return text
    .split('\n')
    .map((content, index) => ({
      line: index + 1,
      words: content
        .replace(/#.*/s, '')
        .split(/[ \t\r]+/)
        .filter((word) => word !== ''),
    }))
    .filter(({ words }) => words.length > 0);
}

/** The first statement is the version and the last one is `end`; null if both hold. */
function checkFrame(statements: readonly Statement[], first: Statement): Result<never> | null {
  if (first.words[0] !== 'version') {
    return unreadable(`begins with ${quote(first)}, has to begin with "version 1"`, first.line);
  }
  const other = statements.find(
    (statement) => statement.words[0] === 'version' && sentence(statement) !== 'version 1',
  );
  if (other !== undefined) {
    return unreadable(`says ${quote(other)}, has to be "version 1"`, other.line);
  }
  const end = statements.findIndex((statement) => sentence(statement) === 'end');
  if (end === -1) return unreadable('does not end with "end", so a part of it is missing');
  const behind = statements[end + 1];
  return behind === undefined
    ? null
    : unreadable(`goes on with ${quote(behind)} after "end"`, behind.line);
}

function read(draft: Draft, statement: Statement): void {
  const [keyword, ...values] = statement.words;
  if (keyword === 'mode' && values.length === 1) readMode(draft, statement, values[0] ?? '');
  else if (keyword === 'daemon' && values.length === 2) {
    readDaemon(draft, statement, values[0] ?? '', values[1] ?? '');
  } else {
    const meant = nearest(keyword ?? '', ['mode', 'daemon', 'end']);
    leaveOut(
      draft,
      statement,
      'has to be "mode WORD" or "daemon NAME WORD"',
      meant === keyword ? null : meant,
    );
  }
}

function readMode(draft: Draft, statement: Statement, word: string): void {
  const mode = MODES.find((known) => known === word);
  if (mode === undefined) {
    leaveOut(draft, statement, 'a mode has to be boot, run or shutdown', nearest(word, MODES));
    draft.mode ??= 'unknown';
    return;
  }
  if (draft.mode !== null) override(draft, statement, 'the mode');
  draft.mode = mode;
}

function readDaemon(draft: Draft, statement: Statement, name: string, word: string): void {
  const state = DAEMON_STATES.find((known) => known === word);
  if (!isServiceName(name)) {
    leaveOut(draft, statement, `a name has to be ${SERVICE_NAME_RULE}`, null);
  } else if (state === undefined) {
    const meant = nearest(word, DAEMON_STATES);
    leaveOut(draft, statement, 'a daemon has to be up, stopping or down', meant);
  } else {
    if (draft.daemons.has(name)) override(draft, statement, `daemon "${name}"`);
    // The order of the lines tells which statement is the newest: see restatedUp.
    draft.daemons.delete(name);
    draft.daemons.set(name, state);
  }
}

function leaveOut(draft: Draft, at: Statement, rule: string, meant: string | null): void {
  warn(draft, {
    code: 'ESM_STATE_LINE',
    message: `Left out a line of the state file: is ${quote(at)}, ${rule}`,
    ...(meant === null ? {} : { remedy: `did you mean "${meant}"` }),
    line: at.line,
  });
}

function override(draft: Draft, at: Statement, what: string): void {
  warn(draft, {
    code: 'ESM_STATE_LINE',
    message: `Left out an earlier line of the state file: ${what} is named again, and the later line holds`,
    line: at.line,
  });
}

function warn(draft: Draft, problem: Problem & { code: ProblemCode }): void {
  draft.warnings.push(problem);
}

function cap(warnings: readonly Problem[]): readonly Problem[] {
  const more = warnings.length - WARNINGS_LISTED;
  if (more <= 0) return warnings;
  const message = `Left out lines of the state file: ${more} more are like those before`;
  const last = { code: 'ESM_STATE_LINE' satisfies ProblemCode, message };
  return [...warnings.slice(0, WARNINGS_LISTED), last];
}

function unreadable(reason: string, line?: number): Result<never> {
  return failed({
    code: 'ESM_STATE_UNREADABLE' satisfies ProblemCode,
    message: `Cannot use the state file: it ${reason}`,
    remedy: 'run the control script esm, which writes it anew',
    ...(line === undefined ? {} : { line }),
  });
}

const sentence = (statement: Statement): string => statement.words.join(' ');

/** A line as a message shows it, of bounded length. */
function quote(statement: Statement): string {
  const text = sentence(statement);
  return text.length > 60 ? `"${text.slice(0, 60)}…"` : `"${text}"`;
}
