/** A row of the table: what is done to a supervisor, and how one sees what came of it. */

import type { Files } from '../../test/init/lib/root-files.js';
import type { Entry } from '../../test/init/lib/inittab.js';
import type { Kind, Peer, Service, Setting } from '../peers/peer.js';
import type { Subject } from './subject.js';

/** How long is waited for what may never come. Milliseconds. */
export type Patience = Readonly<{
  restartMs: number;
  stopMs: number;
  quietMs: number;
  kills: number;
}>;

export type Fault = Readonly<{
  name: string;
  /** One sentence about what is done, for the reader of the table. */
  how: string;
  setting: Setting;
  /** Of the service; null: in the foreground if the peer can. */
  kind: Kind | null;
  /** Why this cannot be done to that peer; null: it can. */
  notFor: (peer: Peer) => string | null;
  /** Another program in place of the daemon, which ends in executing it. */
  command?: (service: Service) => readonly string[];
  /** What is to be in the machine besides. */
  files?: Files;
  /** Changes what init starts. */
  entry?: (entry: Entry) => Entry;
  /** In a machine of its own before that: why the fault cannot be made after all; null: it can. */
  premise?: (subject: Subject, patience: Patience) => Promise<string | null>;
  /** What was observed, in a few words. */
  observe: (subject: Subject, patience: Patience) => Promise<string>;
}>;

/** For a fault that every peer can be given. */
export const forAll = (): null => null;
