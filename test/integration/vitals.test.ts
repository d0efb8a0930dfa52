import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pid } from '../../src/core/units.js';
import { processTable } from '../../src/os/process-table.js';
import { ownVitals, processVitals } from '../../src/os/vitals.js';
import { endProcess, startProcess } from '../helpers/child.js';
import { waitFor } from '../helpers/wait-for.js';

test('ownVitals: memory that adds up, and time that grows', async () => {
  const { rssBytes, pssBytes, privateBytes, cpuSeconds, openFiles, wakeUps } = ownVitals();
  assert.ok(rssBytes !== null && pssBytes !== null && privateBytes !== null);
  assert.ok(rssBytes >= pssBytes && pssBytes >= privateBytes && privateBytes > 1_000_000);
  const status = readFileSync('/proc/self/status', 'latin1');
  const rss = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024;
  assert.ok(Math.abs(rss - rssBytes) < rss / 10, `${rss} and ${rssBytes}`);
  assert.equal(openFiles, readdirSync('/proc/self/fd').length);
  await waitFor(() => ownVitals().cpuSeconds > cpuSeconds, { what: 'the time of waiting' });
  await waitFor(() => ownVitals().wakeUps > wakeUps, { what: 'a wait' });
});

test('processVitals: those of another process, and null when it has gone', async (t) => {
  const busy = await startProcess(t, 'sh', ['-c', 'while :; do :; done']);
  const number = pid(busy.pid);
  const vitals = await waitFor(
    () => {
      const now = processVitals(number);
      return now !== null && now.cpuSeconds > 0 ? now : null;
    },
    { what: 'a tick of its time' },
  );
  assert.equal(vitals.threads, 1);
  assert.ok(vitals.cpuSeconds < 30);
  assert.ok((vitals.rssBytes ?? 0) > 100_000);
  assert.ok((processVitals(pid(process.pid))?.threads ?? 0) > 1);
  await endProcess(busy);
  assert.equal(processVitals(number), null);
});

test('processVitals: a zombie has no memory', async (t) => {
  const parent = await startProcess(t, 'sh', ['-c', 'sleep 0 & exec sleep 60']);
  const zombie = await waitFor(
    () => processTable.scan().find((entry) => entry.ppid === parent.pid && entry.isZombie),
    { what: 'its child has ended' },
  );
  const vitals = processVitals(zombie.pid);
  assert.ok(vitals);
  assert.equal(vitals.rssBytes, null);
  assert.equal(vitals.threads, 1);
});
