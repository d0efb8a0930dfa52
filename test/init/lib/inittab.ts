/** inittab(5) for both inits: busybox takes the first field for a terminal and knows no levels. */

export type Init = 'sysvinit' | 'busybox';

export type Action = 'sysinit' | 'respawn' | 'once' | 'wait' | 'shutdown';

/** `levels` default to 2345. `shutdown` is an action of busybox; sysvinit waits for it in 0, 1 and 6. */
export type Entry = Readonly<{ id: string; levels?: string; action: Action; process: string }>;

/** The text; `level` is the run level that sysvinit enters first. */
export function inittab(init: Init, entries: readonly Entry[], level = '2'): string {
  const lines =
    init === 'busybox'
      ? entries.map(({ action, process }) => `::${action}:${process}`)
      : [`id:${level}:initdefault:`, ...entries.map(sysvinitLine)];
  return `${lines.join('\n')}\n`;
}

function sysvinitLine({ id, levels = '2345', action, process }: Entry): string {
  return action === 'shutdown'
    ? `${id}:016:wait:${process}`
    : `${id}:${action === 'sysinit' ? '' : levels}:${action}:${process}`;
}
