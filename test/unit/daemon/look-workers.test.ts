import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { describe, test } from 'node:test';
import { pid } from '../../../src/core/units.js';
import { begun, search } from '../../helpers/search.js';
import { spec } from '../../helpers/services.js';

const shell = ['/bin/sh', '-c', 'exec daemon'];
const foreground = spec({ launch: { type: 'command', command: shell } });
const child = {
  pid: pid(500),
  exe: '/opt/daemon',
  marker: { service: 'web', incarnation: 7 },
};

describe('a worker that has outlived the daemon of an esmd before us is not taken for it', () => {
  const match = { exe: '/usr/sbin/web', args: null, user: null };
  const matched = { ...foreground, match };
  const sh = { exe: realpathSync('/bin/sh'), args: shell };

  test('if it has executed no program since it was forked', () => {
    assert.equal(search(foreground, [{ ...child, isFork: true }]), 'absent');
    assert.equal(search(foreground, [{ ...child, ...sh, isFork: true }]), 'absent');
    assert.equal(search(foreground, [{ ...child, ...sh }]), 'found 500');
  });

  test('if a match says what the daemon looks like, and it neither does nor is on the way', () => {
    assert.equal(search(matched, [child]), 'absent');
    assert.equal(search(matched, [{ ...child, ...sh }]), 'spawned main 500');
    const setpriv = { ...child, args: ['/bin/setpriv', '--', ...shell] };
    assert.equal(search(matched, [setpriv]), 'spawned main 500');
    const asRoot = { ...matched, match: { ...match, user: 'nobody' }, user: 'nobody' };
    assert.equal(search(asRoot, [{ ...child, exe: match.exe }]), 'spawned main 500');
  });

  test('but where it is not swept: there a daemon must not get a second copy', () => {
    const kept = { ...matched, kill: 'process' } as const;
    assert.equal(search(kept, [{ ...child, isFork: true }]), 'spawned main 500');
    const own = { ...child, ppid: pid(process.pid) };
    assert.equal(search(matched, [own], { searches: begun(4999) }), 'spawned main 500');
  });
});
