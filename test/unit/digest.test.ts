import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeService } from '../../src/config/service.js';
import { isSameSpec, launchDigest } from '../../src/core/service/digest.js';
import type { Spec } from '../../src/core/service/spec.js';

function spec(text: string): Spec {
  const decoded = decodeService('x.toml', 'x', text).spec;
  assert.ok(decoded !== null);
  return decoded;
}

const plain = spec('command = ["/x", "a"]');

const needStart: readonly string[] = [
  'command = ["/y", "a"]',
  'command = ["/x", "a", ""]',
  'command = ["/x a"]',
  'start = ["/x", "a"]\nmatch.exe = "/x"',
  'command = ["/x", "a"]\nuser = "u"',
  'command = ["/x", "a"]\ngroup = "u"',
  'command = ["/x", "a"]\ndirectory = "/tmp"',
  'command = ["/x", "a"]\numask = "027"',
  'command = ["/x", "a"]\nenvironment = { A = "" }',
  'command = ["/x", "a"]\nlimits.nofile = 1024',
  'command = ["/x", "a"]\nlimits.memory_max = "1G"',
  'command = ["/x", "a"]\nlog = "/var/log/y"',
];

for (const text of needStart) {
  test(`launchDigest: changes with ${JSON.stringify(text)}`, () => {
    assert.notEqual(launchDigest(spec(text)), launchDigest(plain));
    assert.ok(!isSameSpec(spec(text), plain));
  });
}

const needNone = `description = "d"
stop = ["/s"]
initscript = "i"
pidfile = "/p"
match.exe = "/x"
requires = ["r"]
after = ["b"]
category = "c"
start_timeout = "1m"
probation = "2s"
stop_signal = "INT"
stop_timeout = "1s"
kill = "process"
[restart]
limit = 1
window = "1s"
delay = "1s"
delay_max = "1s"
retry = "resume"
retry_interval = "1m"
`;

test('launchDigest: stays with everything that acts at once', () => {
  for (const line of needNone.split('\n')) {
    const isTable = /^(\[|pidfile|limit|window|delay|retry)/.test(line);
    const text = `command = ["/x", "a"]\n${isTable ? '' : line}`;
    assert.equal(launchDigest(spec(text)), launchDigest(plain), line);
  }
  const all = spec(`command = ["/x", "a"]\n${needNone}`);
  assert.equal(launchDigest(all), launchDigest(plain));
  assert.ok(!isSameSpec(all, plain));
});

test('launchDigest: 16 digits that stay the same from release to release', () => {
  assert.equal(launchDigest(plain), '157d19ed1e8c9204');
});

test('launchDigest: differs for any two environments that differ, whatever their order', () => {
  const variables = fc.dictionary(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 }), {
    maxKeys: 4,
  });
  fc.assert(
    fc.property(variables, variables, (a, b) => {
      const [digestA, digestB] = [a, b].map((environment) =>
        launchDigest({ ...plain, environment }),
      );
      const back = Object.fromEntries(Object.entries(a).reverse());
      assert.equal(launchDigest({ ...plain, environment: back }), digestA);
      assert.equal(
        digestA === digestB,
        isSameSpec({ ...plain, environment: a }, { ...plain, environment: b }),
      );
    }),
  );
});
