/**
 * A whole machine: Debian's sysvinit, rsyslog and cron, installed by their own packages, with their
 * own, unchanged init scripts and run levels. Made once and kept in an archive; booted in a second.
 */

import { copyFileSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Machine } from './machine.js';
import { stageFolder } from './keeper.js';
import { downloadPackages, fingerprint, machinePackages } from './packages.js';
import { cacheFolder, script } from './places.js';
import type { Files } from './root-files.js';

export type WholeOptions = Readonly<{
  /** Debian packages besides sysvinit-core, rsyslog and cron. */
  packages?: readonly string[];
  /** Init scripts to keep in the run levels besides those of rsyslog and cron. */
  scripts?: readonly string[];
  files?: Files;
}>;

/** `sendsigs`, `halt` and `reboot` are the last of every Debian shutdown. */
const usualScripts = ['rsyslog', 'cron', 'rmnologin', 'sendsigs', 'halt', 'reboot', 'single'];

const booted = '/run/booted';
const database = 'var/lib/dpkg';
const prepareTimeoutMs = 300_000;
const bootTimeoutMs = 30_000;

/** Resolves when run level 2 has been entered: every script of it has ended. */
export async function bootWhole(options: WholeOptions = {}): Promise<Machine> {
  const { packages = [], scripts = [] } = options;
  const layer = await prepareLayer(
    [...machinePackages, ...packages],
    [...usualScripts, ...scripts],
  );
  const machine = await Machine.boot({
    init: ['/sbin/init'],
    layers: [layer],
    overlays: [database],
    powerOff: ['/sbin/shutdown', '-h', 'now'],
    files: { ...options.files, '/etc/inittab': withLastWord(options.files?.['/etc/inittab']) },
  });
  try {
    await machine.waitFor(() => machine.files.exists(booted), 'run level 2', bootTimeoutMs);
  } catch (error) {
    await machine.destroy();
    throw error;
  }
  return machine;
}

/** The inittab asked for, with a last entry that tells when all before it are done. */
function withLastWord(wanted: Files[string] | undefined): (before: string) => string {
  const line = `zy:2345:once:/bin/touch ${booted}\n`;
  if (typeof wanted === 'object') throw new Error('Give /etc/inittab as text or as a change');
  return (before) => `${typeof wanted === 'function' ? wanted(before) : (wanted ?? before)}${line}`;
}

/** An archive of what the packages add to this host. Made anew when the host's packages change. */
async function prepareLayer(names: readonly string[], scripts: readonly string[]): Promise<string> {
  const packages = downloadPackages(names);
  const status = statSync(`/${database}/status`).mtimeMs;
  const recipe = ['prepare.sh', 'rootfs.sh', 'inside.sh'].map((name) => readFileSync(script(name)));
  const key = fingerprint(JSON.stringify([packages, scripts, status, recipe.map(String)]));
  const layer = join(cacheFolder('layers'), `whole-${key}.tar`);
  if (existsSync(layer)) return layer;
  const machine = await Machine.boot({
    init: ['/bin/sleep', 'infinity'],
    overlays: [database],
    binds: [
      [join(packages[0] ?? '', '..'), '/debs'],
      [join(stageFolder(), 'upper'), '/upper'],
    ],
    powerOff: [],
    files: { '/prepare.sh': readFileSync(script('prepare.sh'), 'utf8') },
  });
  try {
    await machine.must(['sh', '/prepare.sh', ...scripts], { timeoutMs: prepareTimeoutMs });
    // Renamed when complete: another test process may be doing the same.
    const unfinished = `${layer}.${process.pid}`;
    copyFileSync(machine.files.path('/layer.tar'), unfinished);
    renameSync(unfinished, layer);
  } finally {
    await machine.destroy();
  }
  return layer;
}
