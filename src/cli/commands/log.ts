import { StringDecoder } from 'node:string_decoder';
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
  if (options.follow === true) {
    // Only a signal ends this, and that ends the process.
    await followLog(service.log, options.lines, sink, new AbortController().signal);
    return exitCode.ok;
  }
  const opened = await openLog(service.log);
  if (!opened.ok) {
    env.complain(opened.problem.message);
    return exitCode.no;
  }
  const { handle } = opened.value;
  await readFrom(handle, await startOfLast(handle, options.lines), sink);
  await handle.close();
  return exitCode.ok;
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
