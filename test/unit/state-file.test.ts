import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeProblem } from '../../src/core/result.js';
import { decode, encode, type StateFile, STATE_FILE_LIMIT } from '../../src/core/state-file.js';

function read(text: string): StateFile {
  const result = decode(text);
  assert.ok(result.ok, result.ok ? '' : result.problem.message);
  return result.value;
}

const daemonsOf = (text: string): unknown => [...read(text).daemons];

test('decode: the example of esm.state(5), comments and all', () => {
  const text = `version 1
mode run              # boot | run | shutdown
daemon evmd up        # up | stopping | down

# a line by itself
daemon rsyslogd stopping
end
`;
  const { mode, daemons, warnings } = read(text);
  assert.equal(mode, 'run');
  assert.deepEqual(
    [...daemons],
    [
      ['evmd', 'up'],
      ['rsyslogd', 'stopping'],
    ],
  );
  assert.deepEqual(warnings, []);
});

test('decode: tabs, carriage returns and a missing last line end do not matter', () => {
  assert.deepEqual(daemonsOf('\tversion\t1\r\nmode boot\r\n daemon  a\tdown \r\nend'), [
    ['a', 'down'],
  ]);
});

const refused: readonly (readonly [string, string, RegExp])[] = [
  ['empty', '', /is empty/],
  ['only comments', '# version 1\n\n', /is empty/],
  ['without end', 'version 1\nmode run\n', /does not end with "end"/],
  ['cut off within end', 'version 1\nmode run\nen', /does not end with "end"/],
  ['cut off within a name', 'version 1\nmode run\ndaemon rsys', /does not end with "end"/],
  ['text after end', 'version 1\nmode run\nend\ndaemon a up\nend\n', /goes on with "daemon a up"/],
  ['another version', 'version 2\nmode run\nend\n', /says "version 2"/],
  ['another version later', 'version 1\nmode run\nversion 2\nend\n', /says "version 2"/],
  ['version with a tail', 'version 1 2\nmode run\nend\n', /says "version 1 2"/],
  ['no version', 'mode run\nend\n', /begins with "mode run"/],
  ['no mode', 'version 1\ndaemon a up\nend\n', /has no "mode" statement/],
  ['only end', 'end\n', /begins with "end"/],
  ['NUL', 'version 1\nmode run\n\0\nend\n', /is not text/],
  ['NUL in a comment', 'version 1\nmode run # \0\nend\n', /is not text/],
  ['invalid UTF-8', 'version 1\nmode run\ndaemon a\ufffd up\nend\n', /is not text/],
  ['ESC', 'version 1\nmode run\n# \u001b[2J\nend\n', /is not text/],
  [
    'too large',
    `version 1\nmode run\n${'#'.repeat(STATE_FILE_LIMIT)}\nend\n`,
    /larger than 64 KiB/,
  ],
  ['10 MB', 'x'.repeat(10_000_000), /larger than 64 KiB/],
];

for (const [name, text, reason] of refused) {
  test(`decode: ${name} → unreadable`, () => {
    const result = decode(text);
    assert.ok(!result.ok);
    assert.equal(result.problem.code, 'ESM_STATE_UNREADABLE');
    assert.match(result.problem.message, reason);
  });
}

test('decode: exactly 64 KiB is read', () => {
  const frame = 'version 1\nmode run\n#\nend\n';
  const text = frame.replace('#', '#'.repeat(STATE_FILE_LIMIT - frame.length + 1));
  assert.equal(text.length, STATE_FILE_LIMIT);
  assert.equal(read(text).mode, 'run');
});

test('decode: lines not understood are left out, each with a warning, and the rest holds', () => {
  const text = `version 1
mode run
deamon a down
daemon b frozen
daemon c
daemon d up now
daemon .hidden up
daemon sshd stoping
daemon e down
frobnicate
version 1
end
`;
  const { mode, daemons, warnings } = read(text);
  assert.equal(mode, 'run');
  assert.deepEqual([...daemons], [['e', 'down']]);
  assert.deepEqual(
    warnings.map(({ code, line }) => [code, line]),
    [3, 4, 5, 6, 7, 8, 10, 11].map((line) => ['ESM_STATE_LINE', line]),
  );
  assert.equal(
    describeProblem(warnings[0] ?? { code: '', message: '' }),
    'Left out a line of the state file: is "deamon a down", has to be "mode WORD" or "daemon NAME WORD" (did you mean "daemon")',
  );
  assert.equal(warnings[5]?.remedy, 'did you mean "stopping"');
});

test('decode: a later line for the same daemon wins, with a warning, and is the newest', () => {
  const { daemons, warnings } = read(
    'version 1\nmode run\ndaemon a up\ndaemon b up\ndaemon a down\nend\n',
  );
  assert.deepEqual(
    [...daemons],
    [
      ['b', 'up'],
      ['a', 'down'],
    ],
  );
  assert.deepEqual(
    warnings.map(({ line }) => line),
    [5],
  );
});

test('decode: a later mode wins, with a warning', () => {
  const { mode, warnings } = read('version 1\nmode boot\nmode run\nend\n');
  assert.equal(mode, 'run');
  assert.equal(warnings.length, 1);
});

test('decode: an unknown mode is unknown, and the daemons still hold', () => {
  const { mode, daemons, warnings } = read('version 1\nmode rum\ndaemon a down\nend\n');
  assert.equal(mode, 'unknown');
  assert.equal(daemons.get('a'), 'down');
  assert.equal(warnings[0]?.remedy, 'did you mean "run"');
});

test('decode: an unknown mode beside a known one is left out', () => {
  assert.equal(read('version 1\nmode rum\nmode run\nend\n').mode, 'run');
  assert.equal(read('version 1\nmode run\nmode rum\nend\n').mode, 'run');
});

test('decode: thousands of bad lines become twenty warnings and a count', () => {
  const { warnings } = read(`version 1\nmode run\n${'x\n'.repeat(5000)}end\n`);
  assert.equal(warnings.length, 21);
  assert.match(warnings[20]?.message ?? '', /4980 more/);
});

test('decode: a long line is quoted short', () => {
  const { warnings } = read(`version 1\nmode run\n${'y'.repeat(5000)}\nend\n`);
  assert.ok((warnings[0]?.message.length ?? 0) < 200);
});

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,20}$/);
const state = fc.record({
  mode: fc.constantFrom('boot', 'run', 'shutdown'),
  daemons: fc
    .uniqueArray(fc.tuple(name, fc.constantFrom('up', 'stopping', 'down')), {
      selector: ([daemon]) => daemon,
    })
    .map((lines) => new Map(lines)),
});

test('encode: what is written is read back, in the same order', () => {
  fc.assert(
    fc.property(state, (written) => {
      const { mode, daemons, warnings } = read(encode(written));
      assert.equal(mode, written.mode);
      assert.deepEqual([...daemons], [...written.daemons]);
      assert.deepEqual(warnings, []);
    }),
  );
});

test('decode: no prefix of a file is mistaken for the whole', () => {
  fc.assert(
    fc.property(state, fc.double({ min: 0, max: 1, noNaN: true }), (written, part) => {
      const text = encode(written).trimEnd();
      const cut = text.slice(0, Math.floor(part * text.length));
      assert.equal(decode(cut).ok, cut === text);
    }),
  );
});

/** Any UTF-16 unit, halves of pairs included: what a decoder of bytes could hand over, and more. */
const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));

test('decode: answers whatever it is given', () => {
  const word = fc.oneof(
    fc.constantFrom('version', '1', 'mode', 'run', 'daemon', 'a', 'up', 'end', '#', '\n', ' '),
    fc.string({ unit, maxLength: 5 }),
  );
  const text = fc.array(word, { maxLength: 30 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(text, (given) => {
      const result = decode(given);
      if (result.ok) assert.ok(result.value.warnings.length <= 21);
      else assert.equal(result.problem.code, 'ESM_STATE_UNREADABLE');
    }),
    { numRuns: 300 },
  );
});
