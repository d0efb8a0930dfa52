import { StringDecoder } from 'node:string_decoder';
import type { Problem } from '../../core/result.js';
import type { Environment } from '../environment.js';
import { exitCode, type ExitCode } from '../exit-code.js';
import { followLog, openLog, readFrom, startOfLast, type Sink } from '../log-file.js';
import { fetchService, unknownService } from '../questions.js';
import { safeLines } from '../render/text.js';

export type LogOptions = Readonly<{ follow?: boolean; lines: number }>;

/** Shows the end of what a service's processes wrote, and what they write from now on. */
export async function log(env: Environment, name: string, options: LogOptions): Promise<ExitCode> {
  const service = await fetchService(env.client, name);
  if (service === null) {
    env.complain(await unknownService(env.client, name));
    return exitCode.no;
  }
  const sink = sinkTo(env);
  const problem =
    options.follow === true
      ? await followLog(service.log, options.lines, sink, ({ message }) => {
          env.complain(`${message}; it is waited for`);
        })
      : await showEnd(service.log, options.lines, sink);
  if (problem === null) return exitCode.ok;
  env.complain(problem.message);
  return problem.code === 'ESM_LOG_DENIED' ? exitCode.unreachable : exitCode.no;
}

async function showEnd(path: string, lines: number, sink: Sink): Promise<Problem | null> {
  const opened = await openLog(path);
  if (!opened.ok) return opened.problem;
  const { handle } = opened.value;
  await readFrom(handle, await startOfLast(handle, lines), sink);
  await handle.close();
  return null;
}

/** Byte for byte into a file or pipe; on a terminal without what would act on it. */
function sinkTo(env: Environment): Sink {
  if (env.view().columns === null) {
    return (bytes) => {
      // A pipe that is full keeps the bytes for later, and these are overwritten.
      env.out(Uint8Array.from(bytes));
    };
  }
  const decoder = new StringDecoder('utf8');
  return (bytes) => {
    env.out(safeLines(decoder.write(Buffer.from(bytes))));
  };
}
