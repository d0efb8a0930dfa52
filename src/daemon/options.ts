/** The options of esmd(8). An invalid one is reported and falls to its default: init cannot help. */

import { Command, CommanderError } from 'commander';
import type { Millis } from '../core/units.js';
import { seconds } from '../core/units.js';

export type Options = Readonly<{
  /** What giving up is announced at; null: as esmd.toml says. */
  alarm: 'alert' | null;
  /** Default of retry_interval; null within: never. Undefined: as esmd.toml says. */
  retryInterval: Millis | null | undefined;
  /** Whether something was said that makes no sense. */
  hasInvalid: boolean;
}>;

/** A day: an interval beyond it is a mistake. */
const mostSeconds = 86_400;

/** Prints and exits for --help and --version, which answer whoever asks. */
export function readOptions(argv: readonly string[], version: string): Options {
  let hasInvalid = false;
  let alarm: 'alert' | null = null;
  let retryInterval: Millis | null | undefined;
  const command = new Command('esmd')
    .description('Essential services monitor; to be started by init')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .option('-a', 'give up at priority alert instead of emergency')
    .option('-r <seconds>', 'time between tries after giving up; 0: never', (text) => {
      const value = Number(text);
      const isValid = /^\d+$/.test(text) && value <= mostSeconds;
      if (isValid) retryInterval = value === 0 ? null : seconds(value);
      else hasInvalid = true;
      return text;
    })
    .on('option:a', () => {
      alarm = 'alert';
    })
    .allowUnknownOption()
    .allowExcessArguments()
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
  try {
    command.parse([...argv], { from: 'user' });
    hasInvalid ||= command.args.length > 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) process.exit(0);
    hasInvalid = true;
  }
  return { alarm, retryInterval, hasInvalid };
}
