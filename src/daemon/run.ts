/** esmd from the check of its parent to its last words; see esmd(8). */

import { mkdirSync } from 'node:fs';
import { paths } from '../core/paths.js';
import { describeProblem } from '../core/result.js';
import { sequence } from '../core/units.js';
import { clock } from '../os/clock.js';
import { collectGarbage, compileForRestarts, optimize } from '../os/engine.js';
import { readChecked } from '../os/file.js';
import { shieldFromOutOfMemory } from '../os/oom.js';
import type { Precedence } from '../os/os.js';
import { openPrecedence } from '../os/precedence.js';
import { bootId } from '../os/process-table.js';
import { Syslog } from '../os/syslog.js';
import { Esmd, type EsmdParts } from './esmd.js';
import { exitCode } from './exit-code.js';
import { guardStarts, lockOrLeave, parentProblem } from './first-checks.js';
import { LastWords } from './last-words.js';
import type { Log } from './log.js';
import { LogDestination, logTo } from './log.js';
import { readOptions } from './options.js';
import { handleSignals } from './signals.js';
import type { Table } from './table.js';
import { decodeTable, tableLimit } from './table.js';

export async function run(argv: readonly string[], version: string): Promise<void> {
  const options = readOptions(argv, version);
  const destination = new LogDestination(new Syslog());
  const log = logTo(destination);
  const refusal = parentProblem();
  if (refusal !== null) {
    log.error(refusal);
    process.stderr.write(`esmd: ${refusal}\n`);
    process.exit(exitCode.refused);
  }
  const lastWords = new LastWords(log, destination);
  try {
    await beDaemon({ options, log, destination, lastWords });
  } catch (error) {
    lastWords.say(error);
  }
}

type Parts = Pick<EsmdParts, 'options' | 'log' | 'destination'> &
  Readonly<{ lastWords: LastWords }>;

async function beDaemon({ lastWords, ...parts }: Parts): Promise<void> {
  const { log, options } = parts;
  const precedence = prepare(log);
  if (options.hasInvalid) log.error('invalid start options are ignored; see esmd(8)');
  handleSignals({ SIGTERM: leave, SIGINT: leave });
  const lock = await lockOrLeave(log);
  // It lives as long as the process: nothing may collect it.
  process.once('exit', () => lock.release());
  const boot = bootId();
  const { isSetAside, isCounted, isFirst } = await guardStarts(clock, boot, log);
  if (isCounted) lastWords.hurry();
  // An earlier one may have been killed before it had written any.
  const missing = isFirst ? noTable : lostTable;
  const table = isSetAside ? lostTable : readTable(boot, log, missing);
  const esmd = new Esmd({ ...parts, precedence, bootId: boot, table });
  lastWords.write(() => esmd.writeTable());
  await esmd.begin();
  compileForRestarts();
  await esmd.rehearse();
  collectGarbage();
  optimize(!esmd.isBehind);
}

function prepare(log: Log): Precedence {
  process.chdir('/');
  process.umask(0o022);
  shieldFromOutOfMemory();
  const precedence = openPrecedence();
  for (const [folder, mode] of [
    [paths.runFolder, 0o755],
    [paths.logs, 0o750],
  ] as const) {
    try {
      mkdirSync(folder, { recursive: true, mode });
    } catch (error) {
      // A full or read-only disk is no reason to leave daemons unguarded.
      log.error(`Cannot make ${folder}: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }
  return precedence;
}

/** Nothing has been done yet that would have to be written down. */
const leave = (): never => process.exit(exitCode.done);

const noTable: Table = { services: [], last: sequence(0), mayBeBehind: false, problems: [] };
/** There was one, or there is no telling. */
const lostTable: Table = { ...noTable, mayBeBehind: true };

function readTable(boot: string, log: Log, missing: Table): Table {
  const content = readChecked(paths.table, { maxBytes: tableLimit, owner: 'root' });
  if (!content.ok) {
    if (content.problem.code === 'ESM_FILE_MISSING') return missing;
    log.warning(describeProblem(content.problem));
    return lostTable;
  }
  const table = decodeTable(content.value.text, boot, clock.now());
  if (!table.ok) {
    log.warning(describeProblem(table.problem));
    return lostTable;
  }
  for (const problem of table.value.problems) log.warning(describeProblem(problem));
  return table.value;
}
