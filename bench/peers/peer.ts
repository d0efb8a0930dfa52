/**
 * What is to be known of a supervisor that is measured beside others: how it gets into a private
 * machine without being installed on the host, how it is told what to keep alive, and which
 * processes are it. One file per peer beside this one.
 */

import type { Entry } from '../../test/init/lib/inittab.js';
import type { Plan } from '../../test/init/lib/keeper.js';
import type { Process } from '../../test/init/lib/processes.js';
import type { Files } from '../../test/init/lib/root-files.js';

/** As its manual recommends, and with whatever makes it restart sooner. */
export type Setting = 'recommended' | 'fastest';

/** Stays in the foreground, or goes into the background and leaves its pid in a file. */
export type Kind = 'foreground' | 'pidfile';

/** A daemon to be kept alive. */
export type Service = Readonly<{
  name: string;
  /** Program and arguments; with a pid file it puts itself into the background. */
  command: readonly string[];
  /** Null: it stays in the foreground. */
  pidFile: string | null;
}>;

/** The peer in a machine: what to unpack and to show there. */
export type Installed = Required<Pick<Plan, 'layers' | 'binds'>> & Readonly<{ version: string }>;

/** How a machine is set up so that its init starts the peer, and the peer the services. */
export type Setup = Readonly<{
  files: Files;
  entries: readonly Entry[];
  /** PID 1, for a peer that can only be that itself; `entries` are then nobody's. */
  init?: readonly string[];
}>;

export type Peer = Readonly<{
  name: string;
  kinds: readonly Kind[];
  /** In words, what is set; a peer that has nothing to turn has no fastest setting. */
  settings: Readonly<{ recommended: string; fastest?: string }>;
  /** What was seen that the figures do not explain. */
  remark?: string;
  /** Downloads it to the cache, the first time. Throws if it is not to be had. */
  install: () => Installed;
  setUp: (services: readonly Service[], setting: Setting) => Setup;
  /** Is this process of the machine part of the peer? Several may be: one per service, a helper. */
  isSupervisor: (process: Process) => boolean;
  /** The command, in the machine, by which an operator stops a service and keeps it stopped. */
  stop: (service: Service) => readonly string[];
}>;

/** Why a peer cannot be measured, for the table. */
export type Absent = Readonly<{ name: string; reason: string }>;

/** A shell script that executes something in the end. */
export const shellScript = (
  ...lines: readonly string[]
): Readonly<{ text: string; mode: number }> => ({
  text: ['#!/bin/sh', ...lines, ''].join('\n'),
  mode: 0o755,
});
