/**
 * The forms that a value can have, as valibot schemas. Each says what it allows in words, and a
 * value that does not fit becomes one message: what it is, and what it has to be.
 */

import * as v from 'valibot';
import { isServiceName, SERVICE_NAME_RULE } from '../core/service/name.js';
import type { SignalName } from '../core/service/spec.js';
import type { Millis } from '../core/units.js';
import { formatDuration, parseDuration, parseSize } from './duration.js';

/** A table of TOML; the parser gives it no prototype. */
export type Table = Readonly<Record<string, unknown>>;

export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** The value as the message shows it: its type, and itself where that is short. */
function describe(value: unknown): string {
  if (typeof value === 'string') return `the string ${JSON.stringify(shorten(value))}`;
  if (typeof value === 'bigint') return `the integer ${shorten(String(value))}`;
  if (typeof value === 'number')
    return `the float ${Number.isInteger(value) ? value.toFixed(1) : value}`;
  if (typeof value === 'boolean') return `the boolean ${value ? 'true' : 'false'}`;
  return typeOf(value);
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (value instanceof Date) return 'a date';
  switch (typeof value) {
    case 'string':
      return 'a string';
    case 'bigint':
      return 'an integer';
    case 'number':
      return 'a float';
    case 'boolean':
      return 'a boolean';
    default:
      return 'a table';
  }
}

type Say = (issue: { readonly input: unknown }) => string;

/** The message of every schema here; `allowed` ends "has to be …". */
const has =
  (allowed: string): Say =>
  ({ input }) =>
    `Cannot use the value: is ${describe(input)}, has to be ${allowed}`;

/**
 * The same without the value: arguments and variables carry passwords, only root can read the
 * file, and every user can read what is wrong in it.
 */
const hides =
  (allowed: string): Say =>
  ({ input }) =>
    `Cannot use the value: is ${typeOf(input)}, has to be ${allowed}`;

/** A string that `parse` makes something of; null: it is not allowed. */
const parsed = <T>(allowed: string, parse: (text: string) => T | null, say = has(allowed)) =>
  v.pipe(
    v.string(say),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      const value = parse(dataset.value);
      if (value !== null) return value;
      addIssue({ message: say({ input: dataset.value }) });
      return NEVER;
    }),
  );

const ifHolds =
  (rule: (text: string) => boolean) =>
  (text: string): string | null =>
    rule(text) ? text : null;

/** The kernel takes no argument and no variable beyond this: execve(2), MAX_ARG_STRLEN. */
const LONGEST_STRING = 131_071;
const fitsExec = (text: string): boolean =>
  !text.includes('\0') && Buffer.byteLength(text) <= LONGEST_STRING;

const CONTROL = /\p{Cc}/u;

/** PATH_MAX, with its terminator. */
const isPath = (text: string): boolean =>
  text.startsWith('/') && !CONTROL.test(text) && Buffer.byteLength(text) < 4096;

export const path = parsed('an absolute path, which begins with "/"', ifHolds(isPath));

/** One line for people. */
export const line = parsed(
  'one line of at most 200 characters',
  ifHolds((text) => text.length <= 200 && !CONTROL.test(text)),
);

export const serviceName = parsed(`a name: ${SERVICE_NAME_RULE}`, ifHolds(isServiceName));

/** passwd(5) forbids ":" and the end of a line; a leading "-" would be taken for an option. */
export const account = parsed(
  'the name or the number of an account, as a string such as "syslog" or "104"',
  ifHolds((text) => /^[^\s\p{Cc}:/,-][^\s\p{Cc}:/,]{0,255}$/u.test(text)),
);

export const oneOf = <const T extends string>(...words: readonly T[]) =>
  parsed(
    words.map((word) => `"${word}"`).join(' or '),
    (text): T | null => words.find((word) => word === text) ?? null,
  );

const SIGNALS = ['TERM', 'INT', 'HUP', 'QUIT', 'USR1', 'USR2', 'KILL'] as const;

export const signal = parsed(
  `a signal, one of ${SIGNALS.map((name) => `"${name}"`).join(', ')}, with or without "SIG" before it`,
  (text): SignalName | null => SIGNALS.find((name) => name === text.replace(/^SIG/, '')) ?? null,
);

export const umask = parsed(
  'an octal number in quotes from "000" to "777", such as "022"',
  (text) => (/^0?[0-7]{1,3}$/.test(text) ? Number.parseInt(text, 8) : null),
);

/** `zero`: what "0s" means; without it, zero is not allowed. */
export function duration(
  from: Millis,
  to: Millis,
  zero?: string,
): v.GenericSchema<unknown, Millis> {
  const meaning = zero === undefined ? '' : `, or "0s" (${zero})`;
  const range = `from "${formatDuration(from)}" to "${formatDuration(to)}"${meaning}`;
  return parsed(`a duration such as "250ms", "30s", "5m" or "2h", ${range}`, (text) => {
    const value = parseDuration(text);
    if (value === 0) return zero === undefined ? null : value;
    return value !== null && value >= from && value <= to ? value : null;
  });
}

/** Bytes. */
export const size = parsed('a size such as "512M" or "2G", from "1M" to "64T"', (text) => {
  const value = parseSize(text);
  return value !== null && value >= 2 ** 20 && value <= 2 ** 46 ? value : null;
});

export function integer(from: number, to: number): v.GenericSchema<unknown, number> {
  const message = has(`an integer from ${from} to ${to}`);
  return v.pipe(
    // The parser gives integers as bigint, so that 5 and 5.0 are told apart.
    v.bigint(message),
    v.minValue(BigInt(from), message),
    v.maxValue(BigInt(to), message),
    v.transform(Number),
  );
}

/** More than this is no list that anybody wrote, and each item could be a problem. */
const LONGEST_LIST = 1024;

const list = <T>(item: v.GenericSchema<unknown, T>, say: Say) =>
  v.pipe(
    v.array(v.unknown(), say),
    v.maxLength(
      LONGEST_LIST,
      ({ input }) =>
        `Cannot use the value: is an array of ${input.length}, has to be of at most ${LONGEST_LIST}`,
    ),
    v.array(item),
  );

const ARGUMENT = `a string of at most ${LONGEST_STRING} bytes, without the character NUL`;
const argument = parsed(ARGUMENT, ifHolds(fitsExec), hides(ARGUMENT));

export const args = list(argument, hides('an array of strings'));

const COMMAND = 'an array of strings that begins with the absolute path of a program';

export const command = v.pipe(
  list(argument, hides(COMMAND)),
  v.check(
    (words) => isPath(words[0] ?? ''),
    ({ input }) => {
      const is = input.length === 0 ? 'is an empty array' : `begins with ${typeOf(input[0])}`;
      return `Cannot use the value: ${is}, has to be ${COMMAND}`;
    },
  ),
);

export const serviceNames = v.pipe(
  list(serviceName, has('an array of names of services')),
  v.transform((names): readonly string[] => [...new Set(names)]),
);

/** By hand, because a record of valibot passes over a variable called "constructor". */
export const environment = v.pipe(
  v.custom<Table>(isTable, hides('a table of strings, such as { LANG = "C" }')),
  v.rawTransform<Table, Readonly<Record<string, string>>>(({ dataset, addIssue }) => {
    const variables: [string, string][] = [];
    for (const [name, value] of Object.entries(dataset.value)) {
      const message = refuseVariable(name, value);
      if (message === null) variables.push([name, String(value)]);
      else {
        const input = dataset.value;
        // What has "=" in it is a whole variable in the place of its name.
        if (name.includes('=')) addIssue({ message });
        else
          addIssue({
            message,
            path: [{ type: 'object', origin: 'value', input, key: name, value }],
          });
      }
    }
    return Object.fromEntries(variables);
  }),
);

function refuseVariable(name: string, value: unknown): string | null {
  if (name === '' || /[=\0]/.test(name)) {
    return 'Cannot use the variable: its name is empty or contains "=" or NUL';
  }
  if (name.startsWith('ESMD_')) {
    return 'Cannot use the variable: names that begin with "ESMD_" are set by esmd itself';
  }
  return typeof value === 'string' && fitsExec(`${name}=${value}`)
    ? null
    : hides(`a string of at most ${LONGEST_STRING} bytes with its name, without the character NUL`)(
        {
          input: value,
        },
      );
}

/**
 * A table with these keys. Other keys are found by unknown-keys.ts: valibot names only the first,
 * and not one that every object inherits, such as "constructor".
 */
export const table = <const E extends v.ObjectEntries>(entries: E) =>
  v.pipe(
    v.custom<Table>(isTable, hides('a table')),
    v.object(entries, ({ expected }) => `Cannot use the table: has no key ${expected}`),
  );
