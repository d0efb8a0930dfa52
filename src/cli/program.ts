/**
 * The command line of esmctl. What a command does is loaded when it is asked for: people type
 * this, and wait for it.
 */

import { Argument, Command, CommanderError, InvalidArgumentError } from 'commander';
import { version } from '../core/version.js';
import type { Verb } from './client.js';
import type { Shell } from './commands/completion.js';
import type { Environment } from './environment.js';
import { CommandFailure, exitCode, type ExitCode } from './exit-code.js';
import { writeError, writeOut } from './output.js';
import { safeLines } from './render/text.js';

type Json = Readonly<{ json?: boolean }>;

const epilogue = `
Exit status:
  0  yes, or done
  1  no: a service that was named does not run (without names: one that should run does not),
     a service is not known, a request had no success (in time), a configuration has problems,
     or the output cannot be written
  2  wrong usage
  3  esmd cannot be reached (within 3 s), or root's permission is needed
  4  esmd refused what was asked
  70 a bug in esmctl

Users other than root are shown everything but arguments and environments.`;

const filterHelp = `
A filter is a list of terms that all have to hold:
  TYPE            such as service.failed or service.*
  name=NAME       of the service; * and ? stand for any characters
  severity=WORD   emergency alert critical error warning notice info debug: this and graver ones
Example: esmctl events -f --filter 'service.* name=rsyslogd severity=warning'`;

/** Makes the program; \`done\` is told the exit code of the command that ran. */
export function makeProgram(env: Environment, done: (code: ExitCode) => void): Command {
  const program = new Command('esmctl')
    .description('Shows and steers the services that esmd keeps running')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut,
      writeErr: (text) => {
        writeError(safeLines(text));
      },
    })
    .showHelpAfterError('("esmctl --help" and "esmctl COMMAND --help" tell more)')
    .addHelpText('after', epilogue);
  addQuestions(program, env, done);
  addRequests(program, env, done);
  addStreams(program, env, done);
  addOthers(program, env, done);
  return program;
}

/** Runs one command line and says how it ended; `argv` is without node and the script. */
export async function runProgram(env: Environment, argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCode.ok;
  const program = makeProgram(env, (told) => {
    code = told;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
    if (!(error instanceof CommandFailure)) throw error;
    env.complain(error.message);
    return error.exitCode;
  }
}

type Add = (program: Command, env: Environment, done: (code: ExitCode) => void) => void;

const addQuestions: Add = (program, env, done) => {
  program
    .command('status')
    .description('show all services, or those named')
    .argument('[name...]', 'services')
    .option('--json', 'as JSON')
    .action(async (names: string[], options: Json) => {
      const { status } = await import('./commands/status.js');
      done(await status(env, names, options));
    });
  program
    .command('why')
    .description('say why a service is in its state, and what comes next')
    .argument('<name>', 'a service')
    .option('--json', 'all that is known, as JSON')
    .action(async (name: string, options: Json) => {
      const { why } = await import('./commands/why.js');
      done(await why(env, name, options));
    });
};

const verbs: readonly (readonly [Verb, string])[] = [
  ['start', 'have services run, and wait until they do'],
  ['stop', 'have services stopped until they are started again, and wait until they are'],
  ['restart', 'have services stopped and started, and wait until they run'],
  ['reset', 'forget failures, back-offs and stops'],
];

type ActOptions = Readonly<{ force?: boolean; wait: boolean; timeout?: number }>;

const addRequests: Add = (program, env, done) => {
  for (const [verb, description] of verbs) {
    program
      .command(verb)
      .description(description)
      .argument('<name...>', 'services')
      .option('--force', 'also where other services require it')
      .option('--no-wait', 'do not wait for the outcome')
      .option('--timeout <seconds>', 'wait no longer than this for the outcome', toMilliseconds)
      .action(async (names: string[], options: ActOptions) => {
        const { act } = await import('./commands/act.js');
        done(await act(env, verb, names, options));
      });
  }
  program
    .command('reload')
    .description('have esmd read its configuration and the state file again')
    .action(async () => {
      const { reload } = await import('./commands/reload.js');
      done(await reload(env));
    });
};

type EventsOptions = Json & Readonly<{ follow?: boolean; filter?: string; since?: number }>;

const addStreams: Add = (program, env, done) => {
  program
    .command('events')
    .description('show what has happened')
    .option('-f, --follow', 'show what happens from now on')
    .option('--filter <expression>', 'only events that it lets through')
    .option('--since <number>', 'only events after the one with this number', toCount)
    .option('--json', 'one JSON object a line')
    .addHelpText('after', filterHelp)
    .action(async (options: EventsOptions) => {
      const { events } = await import('./commands/events.js');
      done(await events(env, options));
    });
  program
    .command('log')
    .description('show the end of what a service wrote')
    .argument('<name>', 'a service')
    .option('-f, --follow', 'go on with what it writes')
    .option('-n, --lines <number>', 'how many lines', toCount, 10)
    .action(async (name: string, options: Readonly<{ follow?: boolean; lines: number }>) => {
      const { log } = await import('./commands/log.js');
      done(await log(env, name, options));
    });
  program
    .command('top')
    .description('show what services use of CPU and memory; q leaves')
    .option('--once', 'once, as where there is no terminal')
    .option('-d, --delay <seconds>', 'between two pictures', toMilliseconds, 2000)
    .action(async (options: Readonly<{ once?: boolean; delay: number }>) => {
      const { top } = await import('./commands/top.js');
      done(await top(env, options));
    });
};

const addOthers: Add = (program, env, done) => {
  program
    .command('check')
    .description('report every problem of the configuration, or of drafts; asks no daemon')
    .argument('[file...]', 'drafts, each in place of the installed file of its name')
    .option('--json', 'as JSON')
    .action(async (files: string[], options: Json) => {
      const { check } = await import('./commands/check.js');
      done(await check(env, files, options));
    });
  program
    .command('completion')
    .description('print a completion script')
    .addArgument(new Argument('<shell>', 'your shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: Shell) => {
      const { completion } = await import('./commands/completion.js');
      done(completion(env, program, shell));
    });
  program.command('names', { hidden: true }).action(async () => {
    const { names } = await import('./commands/names.js');
    done(await names(env));
  });
};

const dayMs = 86_400_000;

function toMilliseconds(text: string): number {
  const ms = /^\d+(?:\.\d+)?s?$/.test(text) ? Number.parseFloat(text) * 1000 : Number.NaN;
  if (ms >= 100 && ms <= dayMs) return ms;
  throw new InvalidArgumentError('It has to be a number of seconds between 0.1 and 86400.');
}

function toCount(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It has to be a whole number.');
}
