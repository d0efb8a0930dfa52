import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { formatKey, locateKeys } from '../../../src/config/locate.js';

const locate = (text: string): Record<string, number> => Object.fromEntries(locateKeys(text));

test('locateKeys: headers, dotted keys, quoted keys and inline tables', () => {
  const text = `a = 1
b.c = 2
"d e" . 'f.g' = 3

[ h . i ] # [no]
j = { k = 1, l.m = [ { n = 1 } ],
  o = 2 }
[[p]]
q = 1
[[p]]
q = 2
`;
  assert.deepEqual(locate(text), {
    a: 1,
    b: 2,
    'b.c': 2,
    '"d e"': 3,
    '"d e"."f.g"': 3,
    h: 5,
    'h.i': 5,
    'h.i.j': 6,
    'h.i.j.k': 6,
    'h.i.j.l': 6,
    'h.i.j.o': 7,
    p: 8,
    'p.q': 9,
  });
});

test('locateKeys: a quoted key is the key it means', () => {
  assert.deepEqual(locate('"\\u0061" = 1\n"\\"" = 2\n"" = 3'), { a: 1, '"\\""': 2, '""': 3 });
});

const decoys: readonly (readonly [string, string])[] = [
  ['a comment', '# b = 1'],
  ['a string', 'a = "\\"\\\\"'],
  ['a string with a hash', 'a = "# \\" b = 1"'],
  ['a literal string', "a = 'b\\'"],
  ['a multi-line string', 'a = """\nb = 1\n[c]\n\\""" b = 1\n"""'],
  ['a multi-line string that ends with quotes', 'a = """\n"b = 1" ""b"""""'],
  ['an empty multi-line string', 'a = """"""'],
  ['a line-ending backslash', 'a = """\\\n   b = 1"""'],
  ['a multi-line literal string', "a = '''\nb = 1\n''b\\'''''"],
  ['an array over lines', 'a = [ # ]\n "]", # b = 1\n [1, """\nb = 1"""],\n]'],
  ['an empty array and table', 'a = [{}, []]'],
  ['a table in an array', 'a = [{ b = 1 }]'],
  ['a date with a space', 'a = 1979-05-27 07:32:00Z # b = 1'],
  ['carriage returns', 'a = 1\r\n\r\n'],
];

for (const [name, text] of decoys) {
  test(`locateKeys: ${name} in front does not deceive it`, () => {
    const whole = `${text}\nb = 1\n`;
    parse(whole);
    assert.equal(locateKeys(whole).get('b'), whole.trimEnd().split('\n').length);
  });
}

const bare = fc.stringMatching(/^[a-z]{1,3}$/);
const scalar = fc.oneof(
  fc.integer().map(String),
  fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text)),
  fc.constantFrom('true', '1.5', "'[x]'", '"""\n[x]\ny = 1\n"""', "'''\n# '''", '1979-05-27'),
);
const array = fc.array(scalar, { maxLength: 3 }).map((items) => `[\n${items.join(', # ]\n')}\n]`);
const inline = fc
  .uniqueArray(bare, { maxLength: 3 })
  .chain((keys) => fc.tuple(fc.constant(keys), fc.array(scalar, { minLength: 3, maxLength: 3 })))
  .map(
    ([keys, values]) => `{ ${keys.map((key, i) => `${key} = ${values[i] ?? '0'}`).join(', ')} }`,
  );
const table = fc.uniqueArray(fc.tuple(bare, fc.oneof(scalar, array, inline)), {
  maxLength: 5,
  selector: ([key]) => key,
});
const documents = fc.tuple(
  table,
  fc.uniqueArray(fc.tuple(bare, table), { maxLength: 3, selector: ([name]) => name }),
);

/** Writes a document line by line, and notes where its keys are. */
function write(
  top: readonly [string, string][],
  tables: readonly (readonly [string, readonly [string, string][]])[],
): readonly [string, ReadonlyMap<string, number>] {
  const lines = new Map<string, number>();
  let text = '';
  const add = (key: string, addition: string): void => {
    lines.set(key, text.split('\n').length);
    text += `${addition}\n`;
  };
  for (const [key, value] of top) add(key, `${key} = ${value}`);
  for (const [name, keys] of tables) {
    add(`t-${name}`, `[t-${name}] # x = 1`);
    for (const [key, value] of keys) add(`t-${name}.${key}`, `  ${key}=${value}# y = 2`);
  }
  return [text, lines];
}

test('locateKeys: finds every key of whatever the parser accepts, on its line', () => {
  fc.assert(
    fc.property(documents, ([top, tables]) => {
      const [text, lines] = write(top, tables);
      const found = locateKeys(text);
      for (const [key, line] of lines) assert.equal(found.get(key), line, `${key} in\n${text}`);
      // What is found beyond them are the keys of inline tables, which the parser knows as well.
      const paths = new Set(pathsOf(parse(text, { integersAsBigInt: true })));
      for (const key of found.keys()) assert.ok(paths.has(key), `${key} in\n${text}`);
      assert.equal(found.size, paths.size, text);
    }),
    { numRuns: 100 },
  );
});

function pathsOf(value: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    formatKey([...path, key]),
    ...pathsOf(member, [...path, key]),
  ]);
}

test('locateKeys: ends, whatever it is given', () => {
  const part = fc.constantFrom(
    'a',
    '.',
    '=',
    '"',
    '"""',
    "'",
    "'''",
    '[',
    ']',
    '{',
    '}',
    ',',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      locateKeys(parts.join(''));
    }),
    { numRuns: 300 },
  );
});

test('locateKeys: a great deal of any one thing is no trouble', () => {
  const much = 100_000;
  for (const text of [
    `a = "${'\\n'.repeat(much)}"`,
    `a = """${'""x'.repeat(much)}"""`,
    `a = '''${"'x".repeat(much)}'''`,
    '#'.repeat(much),
    '\n'.repeat(much),
    `a = [${'1,'.repeat(much)}]`,
  ]) {
    const whole = `${text}\nb = 1`;
    assert.equal(locateKeys(whole).get('b'), whole.split('\n').length);
  }
});
