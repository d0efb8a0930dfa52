/** A peer in a machine of its own with one daemon to keep alive, and what is done to both. */

import { setTimeout as pause } from 'node:timers/promises';
import type { Machine } from '../../test/init/lib/machine.js';
import type { Process } from '../../test/init/lib/processes.js';
import { birthIn, type Birth } from '../place.js';
import type { Service } from '../peers/peer.js';
import type { Candidate } from '../peers/place.js';
import { program } from '../programs.js';
import { toMs } from '../statistics.js';
import type { Evidence } from './evidence.js';

const slot = 0;

export class Subject {
  readonly machine: Machine;
  readonly candidate: Candidate;
  readonly service: Service;
  readonly #evidence: Evidence;

  constructor(machine: Machine, candidate: Candidate, service: Service, evidence: Evidence) {
    this.machine = machine;
    this.candidate = candidate;
    this.service = service;
    this.#evidence = evidence;
  }

  /** Puts a line into the evidence. */
  note(text: string): void {
    this.#evidence.note(text);
  }

  /** The last daemon that was born. */
  get birth(): Birth {
    return birthIn(this.machine, slot);
  }

  /** Living copies of the daemon. */
  copies(): readonly number[] {
    const isDaemon = ({ args, state }: Process): boolean =>
      args[0] === program('daemon') && args[1] === String(slot) && state !== 'Z';
    return this.machine.pids(isDaemon);
  }

  supervisors(): readonly number[] {
    return this.machine.pids(this.candidate.peer.isSupervisor);
  }

  /** Signals every process of the peer. PID 1 takes only what comes from outside: KILL and STOP. */
  signalSupervisors(signal: NodeJS.Signals): readonly number[] {
    const pids = this.supervisors();
    for (const pid of pids) this.machine.kill(pid, signal);
    this.note(`${signal} to the supervisor: ${pids.join(', ') || 'there is none'}`);
    return pids;
  }

  /** Kills the daemon. What {@link replacement} needs to know. */
  killDaemon(): Birth {
    const birth = this.birth;
    // To find the number takes longer than many a restart.
    const hostPid = this.machine.hostPidOf(birth.pid);
    const at = process.hrtime.bigint();
    if (hostPid !== null) process.kill(hostPid, 'SIGKILL');
    this.note(`kill -9 of daemon ${birth.pid}${hostPid === null ? ': it is not there' : ''}`);
    return { ...birth, at };
  }

  /** Milliseconds from then to the first instruction of the next daemon; null: none within the time. */
  async replacement(before: Birth, patienceMs: number): Promise<number | null> {
    const isBorn = (): boolean => this.birth.count > before.count;
    await this.wait(isBorn, patienceMs);
    if (!isBorn()) {
      this.note(`no replacement within ${patienceMs} ms`);
      return null;
    }
    const ms = toMs(Number(this.birth.at - before.at));
    this.note(`replaced by ${this.birth.pid} after ${ms.toFixed(1)} ms`);
    return ms;
  }

  /** Whether it came true within the time. */
  async wait(isTrue: () => boolean, patienceMs: number): Promise<boolean> {
    const deadline = performance.now() + patienceMs;
    while (!isTrue()) {
      if (performance.now() > deadline) return false;
      await pause(5);
    }
    return true;
  }

  /**
   * The operator's stop; it may take as long as it does, and that it fails is a fact like others. Throws
   * if there is no such command: then nothing was asked of the peer.
   */
  async stop(patienceMs: number): Promise<void> {
    const command = this.candidate.peer.stop(this.service);
    this.note(`stop: ${command.join(' ')}`);
    const output = await this.machine
      .run(command, { timeoutMs: patienceMs })
      .catch((error: unknown) => ({ code: -1, stdout: '', stderr: String(error) }));
    this.note(`its exit status: ${output.code} ${output.stdout}${output.stderr}`.trim());
    if (output.code === 126 || output.code === 127) throw new Error('The stop could not be run');
  }
}

/** A span as people say it. */
export const span = (ms: number): string =>
  ms < 1_000 ? `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(1)} s`;

/** What became of a killed daemon. */
export const backAfter = (ms: number | null, patienceMs: number): string =>
  ms === null ? `not back within ${span(patienceMs)}` : `back after ${span(ms)}`;
