/** All figures of all candidates, measured in one run. */

import { setTimeout as pause } from 'node:timers/promises';
import type { Machine } from '../../test/init/lib/machine.js';
import { program } from '../programs.js';
import { toMs } from '../statistics.js';
import { measureCosts, type Cost } from './cost.js';
import type { Kind, Service } from './peer.js';
import { awaitBirths, bootPeer, servicesOf, serviceAt, type Candidate } from './place.js';
import { takeTurns, type Target, type TurnOptions, type Turns } from './turns.js';

export type Sizes = Readonly<{
  /** Killed when they have been up for a good while, and when they have just begun. */
  settled: TurnOptions;
  crashing: TurnOptions;
  idleMs: number;
  /** How long before that nothing is done: V8 and others clear up behind the start. */
  settleMs: number;
  many: number;
  storms: number;
}>;

/** Of one candidate. Null: it cannot do that. */
export type Figures = Readonly<{
  candidate: Candidate;
  settled: Readonly<Record<Kind, Turns | null>>;
  crashing: Readonly<Record<Kind, Turns | null>>;
  idle: Readonly<{ one: Cost; many: Cost }>;
  /** Milliseconds until all were back; null for one after which some were not. */
  storms: readonly (number | null)[];
}>;

/** A peer has its services in the foreground if it can. */
const usualKind = ({ peer }: Candidate): Kind =>
  peer.kinds.includes('foreground') ? 'foreground' : 'pidfile';

export async function measure(
  programs: string,
  candidates: readonly Candidate[],
  sizes: Sizes,
): Promise<readonly Figures[]> {
  const crowds = await measureCrowds(programs, candidates, sizes);
  const settled = await measureKills(programs, candidates, sizes.settled);
  const crashing = await measureKills(programs, candidates, sizes.crashing);
  return candidates.map((candidate, index) => {
    const [crowd, one, other] = [crowds[index], settled[index], crashing[index]];
    if (crowd === undefined || one === undefined || other === undefined) {
      throw new Error(`There are no figures of ${candidate.peer.name}`);
    }
    return { candidate, settled: one, crashing: other, ...crowd };
  });
}

type Crowd = Pick<Figures, 'idle' | 'storms'>;

async function measureCrowds(
  programs: string,
  candidates: readonly Candidate[],
  { many, idleMs, settleMs, storms, settled }: Sizes,
): Promise<readonly Crowd[]> {
  const boots = [1, many].flatMap((number) =>
    candidates.map((candidate) => ({
      candidate,
      services: servicesOf(usualKind(candidate), number),
    })),
  );
  return withMachines(programs, boots, async (machines) => {
    await pause(settleMs);
    const watched = machines.map((machine, index) => ({
      machine,
      // The first half is those with one service, in the order of the candidates.
      peer: (boots[index]?.candidate ?? never()).peer,
    }));
    const costs = await measureCosts(watched, idleMs);
    const crowded = machines.slice(candidates.length);
    const healed = await stormAll(crowded, many, storms, settled.patienceS);
    return candidates.map((_, index) => ({
      idle: {
        one: costs[index] ?? never(),
        many: costs[index + candidates.length] ?? never(),
      },
      storms: healed[index] ?? never(),
    }));
  });
}

/** One machine after the other, and again: between two storms in one it has time to calm down. */
async function stormAll(
  machines: readonly Machine[],
  many: number,
  times: number,
  patienceS: number,
): Promise<readonly (readonly (number | null)[])[]> {
  const found: (number | null)[][] = machines.map(() => []);
  for (let done = 0; done < times; done += 1) {
    for (const [index, machine] of machines.entries()) {
      const last = found[index]?.at(-1);
      // Who has not recovered from the last has nothing left to be killed.
      if (last !== null) found[index]?.push(await storm(machine, many, patienceS));
    }
  }
  return found;
}

async function storm(machine: Machine, many: number, patienceS: number): Promise<number | null> {
  const command = [program('kill'), 'all', '0', String(many), String(patienceS)];
  const { code, stdout } = await machine.run(command, { timeoutMs: 300_000 });
  return code === 0 ? toMs(Number(stdout)) : null;
}

async function measureKills(
  programs: string,
  candidates: readonly Candidate[],
  options: TurnOptions,
): Promise<readonly Readonly<Record<Kind, Turns | null>>[]> {
  const boots = candidates.map((candidate) => ({
    candidate,
    services: candidate.peer.kinds.map((kind, slot) => serviceAt(slot, kind)),
  }));
  return withMachines(programs, boots, async (machines) => {
    const targets = machines.flatMap((machine, index) =>
      (boots[index]?.services ?? []).map((_, slot): Target => ({ machine, slot })),
    );
    const turns = await takeTurns(targets, options);
    return machines.map((machine, index) => {
      const of = (kind: Kind): Turns | null => {
        const slot = candidates[index]?.peer.kinds.indexOf(kind) ?? -1;
        const at = targets.findIndex((each) => each.machine === machine && each.slot === slot);
        return turns[at] ?? null;
      };
      return { foreground: of('foreground'), pidfile: of('pidfile') };
    });
  });
}

type Boot = Readonly<{ candidate: Candidate; services: readonly Service[] }>;

/** Boots them one after the other, waits until all services of all live, and ends them after use. */
async function withMachines<T>(
  programs: string,
  boots: readonly Boot[],
  use: (machines: readonly Machine[]) => Promise<T>,
): Promise<T> {
  const machines: Machine[] = [];
  try {
    for (const { candidate, services } of boots) {
      const machine = await bootPeer(programs, candidate, services);
      machines.push(machine);
      await awaitBirths(machine, services.length);
    }
    return await use(machines);
  } finally {
    await Promise.all(machines.map((machine) => machine.destroy()));
  }
}

function never(): never {
  throw new Error('There is a figure for each candidate');
}
