/**
 * A whole machine: Debian's sysvinit, rsyslog and cron, installed by their own packages, with their
 * own, unchanged init scripts and run levels. Made once and kept in an archive; booted in a second.
 */

import { copyFileSync, existsSync, readFileSync, renameSync, statSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { bootDebian, type DebianOptions } from './boot.js';
import { Machine } from './machine.js';
import { stageFolder } from './keeper.js';
import { downloadPackages, fingerprint, machinePackages } from './packages.js';
import { cacheFolder, forgetOthers, script } from './places.js';
import { installedEsmd } from './stage.js';

export type WholeOptions = DebianOptions &
  Readonly<{
    /** Debian packages besides sysvinit-core, rsyslog and cron. */
    packages?: readonly string[];
    /** Init scripts to keep in the run levels besides those of rsyslog and cron. */
    scripts?: readonly string[];
  }>;

/** `sendsigs`, `halt` and `reboot` are the last of every Debian shutdown. */
const usualScripts = ['rsyslog', 'cron', 'rmnologin', 'sendsigs', 'halt', 'reboot', 'single'];

const database = 'var/lib/dpkg';
const prepareTimeoutMs = 300_000;

/** Resolves when run level 2 has been entered: every script of it has ended. */
export async function bootWhole(options: WholeOptions = {}): Promise<Machine> {
  const { packages = [], scripts = [], hasEsmd = true } = options;
  const files = downloadPackages([...machinePackages, ...packages]);
  const layer = await prepareLayer(files, [...usualScripts, ...scripts]);
  const esmd = hasEsmd ? installedEsmd() : { layers: [], binds: [] };
  return bootDebian({
    ...options,
    layers: [layer, ...esmd.layers],
    // To be installed again by a test, as an upgrade does it: "dpkg -i" of a file in there.
    binds: [[dirname(files[0] ?? ''), '/var/cache/apt/archives'], ...esmd.binds],
    overlays: [database],
  });
}

/** An archive of what the packages add to this host. Made anew when the host's packages change. */
async function prepareLayer(
  packages: readonly string[],
  scripts: readonly string[],
): Promise<string> {
  const status = statSync(`/${database}/status`).mtimeMs;
  const recipe = ['prepare.sh', 'rootfs.sh', 'inside.sh'].map((name) => readFileSync(script(name)));
  const key = fingerprint(JSON.stringify([packages, scripts, status, recipe.map(String)]));
  const layer = join(cacheFolder('layers'), `whole-${key}.tar`);
  if (existsSync(layer)) {
    utimesSync(layer, new Date(), new Date());
    return layer;
  }
  const machine = await Machine.boot({
    init: ['/bin/sleep', 'infinity'],
    overlays: [database],
    binds: [
      [dirname(packages[0] ?? ''), '/debs'],
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
    forgetOthers(dirname(layer), basename(layer));
  } finally {
    await machine.destroy();
  }
  return layer;
}
