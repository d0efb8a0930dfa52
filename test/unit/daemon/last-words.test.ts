import assert from 'node:assert/strict';
import { afterEach, test, type TestContext } from 'node:test';
import { LastWords } from '../../../src/daemon/last-words.js';
import { LogDestination, logTo } from '../../../src/daemon/log.js';
import { Syslog } from '../../../src/os/syslog.js';

const events = ['uncaughtException', 'unhandledRejection', 'warning'] as const;
const own = events.map((event) => process.listeners(event as 'warning'));

afterEach(() => {
  for (const [i, event] of events.entries()) {
    for (const listener of process.listeners(event as 'warning')) {
      if (own[i]?.includes(listener) !== true) process.off(event, listener);
    }
  }
});

/** What happens, in order, in a process that does not end. */
function lastWords(context: TestContext) {
  const happened: string[] = [];
  const destination = new LogDestination(new Syslog('/nowhere'));
  context.mock.method(destination, 'write', (json: string) => {
    happened.push((JSON.parse(json) as { msg: string }).msg.split('\n', 1)[0] ?? '');
  });
  context.mock.method(destination, 'close', () => happened.push('close'));
  context.mock.method(process, 'exit', (code: number) => happened.push(`exit ${code}`));
  context.mock.method(Atomics, 'wait', (_cell: unknown, _at: number, _is: number, ms: number) =>
    happened.push(`wait ${ms}`),
  );
  return { words: new LastWords(logTo(destination), destination), happened };
}

test('a bug in a start that was counted: the table, the log, and init starts the next one', (t) => {
  const { words, happened } = lastWords(t);
  words.hurry();
  words.write(() => happened.push('table'));
  words.say(new Error('planned'));
  assert.deepEqual(happened, [
    'esmd ends because of a bug: Error: planned',
    'table',
    'close',
    'exit 70',
  ]);
});

test("a bug in a start that nobody knows of is slower than init's patience", (t) => {
  const { words, happened } = lastWords(t);
  words.say('planned');
  assert.deepEqual(happened, [
    'esmd ends because of a bug: planned',
    'close',
    'wait 14000',
    'exit 70',
  ]);
});

test('a bug in the last words ends it as well', (t) => {
  const { words, happened } = lastWords(t);
  words.hurry();
  words.write(() => {
    throw new Error('another');
  });
  assert.throws(() => words.say(new Error('planned')), /another/);
  assert.equal(happened.at(-1), 'exit 70');
});

test('warnings of Node go to the log', async (t) => {
  const { happened } = lastWords(t);
  process.emitWarning('planned');
  await new Promise(setImmediate);
  assert.deepEqual(happened, ['Warning of Node.js: planned']);
});
