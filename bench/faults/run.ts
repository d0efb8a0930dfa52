/** All faults of all peers: one after the other, each in all machines at the same time. */

import type { Machine } from '../../test/init/lib/machine.js';
import type { Absent, Kind, Peer, Service } from '../peers/peer.js';
import { awaitBirths, bootPeer, serviceAt, type Candidate } from '../peers/place.js';
import { Evidence } from './evidence.js';
import type { Fault, Patience } from './fault.js';
import { Subject } from './subject.js';

export type Observed = Readonly<{ fault: Fault; cells: readonly string[] }>;

type Run = Readonly<{ programs: string; log: string; patience: Patience }>;

/** A row for each fault, with a cell for each peer, in their orders. */
export async function observeAll(
  run: Run,
  faults: readonly Fault[],
  peers: readonly (Omit<Candidate, 'setting'> | Absent)[],
): Promise<readonly Observed[]> {
  const rows: Observed[] = [];
  for (const fault of faults) {
    const cells = await Promise.all(
      peers.map((each) =>
        'reason' in each ? Promise.resolve('left out') : observe(run, fault, each),
      ),
    );
    rows.push({ fault, cells });
  }
  return rows;
}

async function observe(run: Run, fault: Fault, found: Omit<Candidate, 'setting'>): Promise<string> {
  const reason = fault.notFor(found.peer);
  const evidence = new Evidence(`${fault.name}, ${found.peer.name} (${settingOf(fault, found)})`);
  try {
    return reason ?? (await observeIn(run, fault, found, evidence));
  } catch (error) {
    // A fault that could not be made says nothing about the peer.
    evidence.note(`not observed: ${error instanceof Error ? error.message : String(error)}`);
    return 'not observed: see the log';
  } finally {
    if (reason !== null) evidence.note(reason);
    evidence.save(run.log);
  }
}

const settingOf = ({ setting }: Fault, { peer }: Omit<Candidate, 'setting'>): Fault['setting'] =>
  peer.settings.fastest === undefined ? 'recommended' : setting;

async function observeIn(
  run: Run,
  fault: Fault,
  found: Omit<Candidate, 'setting'>,
  evidence: Evidence,
): Promise<string> {
  const { premise, observe: look } = fault;
  const within = <T>(act: (subject: Subject) => Promise<T>): Promise<T> =>
    withSubject(run, fault, found, evidence, act);
  const reason =
    premise === undefined ? null : await within((subject) => premise(subject, run.patience));
  const cell = reason ?? (await within((subject) => look(subject, run.patience)));
  evidence.note(`observed: ${cell}`);
  return cell;
}

/** Boots a machine, and destroys it when that is done. */
async function withSubject<T>(
  { programs }: Run,
  fault: Fault,
  { peer, installed }: Omit<Candidate, 'setting'>,
  evidence: Evidence,
  act: (subject: Subject) => Promise<T>,
): Promise<T> {
  const setting = settingOf(fault, { peer, installed });
  const candidate: Candidate = { peer: harmed(peer, fault), setting, installed };
  const service = serviceOf(fault, peer);
  const machine = await bootPeer(programs, candidate, [service]);
  try {
    await awaitBirths(machine, 1);
    evidence.note('the daemon lives');
    return await act(new Subject(machine, candidate, service, evidence));
  } finally {
    describe(machine, evidence);
    await machine.destroy();
  }
}

function serviceOf({ kind, command }: Fault, { kinds }: Peer): Service {
  const usual: Kind = kinds.includes('foreground') ? 'foreground' : 'pidfile';
  const service = serviceAt(0, kind ?? usual);
  return command === undefined ? service : { ...service, command: command(service) };
}

/** The peer as it is set up for this fault. */
const harmed = (peer: Peer, { files, entry }: Fault): Peer => ({
  ...peer,
  setUp: (services, setting) => {
    const setup = peer.setUp(services, setting);
    return {
      ...setup,
      files: { ...setup.files, ...files },
      entries: entry === undefined ? setup.entries : setup.entries.map(entry),
    };
  },
});

function describe(machine: Machine, evidence: Evidence): void {
  try {
    for (const line of machine.describe().split('\n')) evidence.note(`| ${line}`);
  } catch (error) {
    evidence.note(`The machine could not be looked at: ${String(error)}`);
  }
}
