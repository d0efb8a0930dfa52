import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { policy, spec } from '../../helpers/services.js';
import { rehearse } from '../../../src/daemon/rehearsal.js';
import { TableWriter } from '../../../src/daemon/table.js';

const kinds = {
  'a command': spec({}),
  'a start script': spec({
    launch: { type: 'start', start: ['/etc/init.d/web', 'start'] },
    pidfile: '/run/web.pid',
  }),
  'one that gives up soon': spec({ restart: { ...policy, limit: 1 } }),
  'one with requirements': spec({ requires: ['db'], after: ['log'] }),
};

for (const [what, like] of Object.entries(kinds)) {
  test(`a service like ${what} dies and is restarted two hundred times`, async (t) => {
    const encode = mock.method(TableWriter.prototype, 'encode');
    t.after(() => {
      encode.mock.restore();
    });
    await rehearse(like);
    const [monitor] = encode.mock.calls.at(-1)?.arguments ?? [];
    const service = monitor?.services.get(like.name);
    assert.equal(service?.actual.state, 'running');
    assert.equal(service.actual.process.pid, 2 + 200);
    assert.equal(service.lastEnd?.process.pid, 1 + 200);
  });
}

test('what has to be done meanwhile is done', async () => {
  let others = 0;
  const timer = setInterval(() => {
    others += 1;
  }, 0);
  await rehearse(spec({}));
  clearInterval(timer);
  assert.ok(others > 0, `${others}`);
});
