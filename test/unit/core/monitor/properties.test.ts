/**
 * Random traces over a monitor of several services in a world that misbehaves. What has to hold at
 * every step is in helpers/invariants.ts, and that there is one copy in helpers/world.ts.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Spec } from '../../../../src/core/service/spec.js';
import type { Input as ServiceInput } from '../../../../src/core/service/record.js';
import { incarnation as toIncarnation, millis, seconds } from '../../../../src/core/units.js';
import { tell } from '../../../helpers/monitors.js';
import {
  absent,
  ambiguous,
  backgroundSpec,
  code,
  exited,
  found,
  policy,
  spawned,
  spec,
  stranger,
  swept,
  unspawned,
} from '../../../helpers/services.js';
import { Simulation } from '../../../helpers/simulation.js';
import type { Life } from '../../../helpers/world.js';
import { programOf } from '../../../helpers/world.js';

const short = {
  startTimeout: seconds(2),
  stopTimeout: seconds(1),
  probation: millis(500),
  restart: { ...policy, limit: 3, window: seconds(10), retryInterval: seconds(4) },
} as const;
const resume = { ...short.restart, retry: 'resume' } as const;

/** One of each kind, which require and follow one another. */
const definitions: readonly Spec[] = [
  spec({ ...short, name: 'db' }),
  backgroundSpec({ ...short, name: 'web', requires: ['db'] }),
  spec({ ...short, name: 'ssh', kill: 'process', stop: ['/bin/stop'], after: ['db'] }),
  backgroundSpec({ ...short, name: 'seek', pidfile: null, restart: resume, after: ['web'] }),
  spec({ ...short, name: 'mail', pidfile: '/run/mail.pid', requires: ['web'] }),
];

/** What a reload may bring: the same services in other words. */
const reloads = {
  same: (specs: readonly Spec[]) => specs,
  'without the first': (specs: readonly Spec[]) => specs.slice(1),
  changed: (specs: readonly Spec[]) =>
    specs.map((its) => ({ ...its, requires: [], umask: its.umask ^ 1 })),
  renamed: ([first, ...others]: readonly Spec[]) =>
    first === undefined ? others : [{ ...first, name: `${first.name}x` }, ...others],
} as const;

type Play = Readonly<{ it: Simulation; its: Spec; program: string }>;

/** Something that happens in a simulation, mostly to one service. */
type Happening = Readonly<{ text: string; run: (it: Simulation, specs: readonly Spec[]) => void }>;

function happening<T>(
  name: string,
  arbitrary: fc.Arbitrary<T>,
  run: (play: Play, drawn: T) => void,
): fc.Arbitrary<Happening> {
  return fc.tuple(fc.nat(), arbitrary).map(([n, drawn]) => {
    const text = `${name} (${n}) ${fc.stringify(drawn)}`;
    const happens = (it: Simulation, specs: readonly Spec[]): void => {
      const its = specs[n % specs.length];
      if (its !== undefined) run({ it, its, program: programOf(its) }, drawn);
    };
    return { text, run: happens, [fc.toStringMethod]: () => text };
  });
}

const small = fc.integer({ min: 0, max: 300 });
const duration = fc.oneof(small, fc.integer({ min: 0, max: 6000 }));
const share = fc.double({ min: 0, max: 1, noNaN: true });
const verb = fc.constantFrom('start', 'stop', 'restart', 'reset');
const mode = fc.constantFrom('run', 'run', 'run', 'boot', 'shutdown', 'unknown');
const word = fc.constantFrom('up', 'up', 'stopping', 'down', 'unnamed');
const nothing = fc.constant(null);

const life: fc.Arbitrary<Life> = fc.record(
  {
    spawn: fc.constantFrom('missing', 'shortage'),
    lives: fc.oneof(small, fc.integer({ min: 1, max: 3000 })),
    ignoresTerm: fc.constant(true),
    workers: fc.nat(2),
    takes: fc.oneof(small, fc.constant(Infinity)),
    code: fc.nat(1),
    // Later than start_timeout it would be a second copy by its own doing.
    appears: fc.option(fc.nat(1500)),
  },
  { requiredKeys: [] },
);
const lives = fc.oneof(
  fc.array(life, { minLength: 1, maxLength: 2 }),
  fc.tuple(life, fc.integer({ min: 2, max: 6 })).map(([one, n]) => Array<Life>(n).fill(one)),
);

/** What may reach a service at any time and has to change nothing: answers come too late. */
const noises: readonly ServiceInput[] = [
  absent,
  ambiguous,
  found(stranger),
  swept,
  spawned('main', stranger),
  spawned('start', stranger),
  unspawned('main'),
  exited(stranger),
  { type: 'reaped', process: stranger, status: code(0) },
  { type: 'stirred' },
  { type: 'reconsider' },
  { type: 'elapsed' },
];

const happenings: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: happening('run', duration, ({ it }, ms) => it.run(ms)) },
  {
    weight: 4,
    arbitrary: happening('kill', nothing, ({ it, program }) => it.world.kill(program)),
  },
  {
    weight: 4,
    arbitrary: happening('lives', lives, ({ it, program }, next) => {
      it.world.lives.set(program, [...(it.world.lives.get(program) ?? []), ...next]);
    }),
  },
  happening('stops', life, ({ it, program }, next) => it.world.stops.set(program, [next])),
  {
    weight: 3,
    arbitrary: happening('ask', fc.tuple(verb, fc.boolean()), ({ it, its }, [what, force]) => {
      it.ask(what, its.name, force);
    }),
  },
  {
    weight: 3,
    arbitrary: happening('state', fc.tuple(mode, word), ({ it, its }, [to, said]) => {
      it.state(to, said === 'unnamed' ? {} : { [its.name]: said });
    }),
  },
  happening('reload', fc.constantFrom(...Object.values(reloads)), ({ it }, change) => {
    it.reload(...change(it.specs));
  }),
  happening('start by hand', nothing, ({ it, its }) => it.world.startByHand(its)),
  happening('stop by hand', nothing, ({ it, program }) => it.world.terminate(program)),
  happening('move', nothing, ({ it, its }) => it.world.move(its)),
  happening('pause', fc.tuple(duration, fc.boolean()), ({ it, its, program }, [ms, byHand]) => {
    it.pause(ms, () => {
      it.world.kill(program);
      if (byHand) it.world.startByHand(its);
    });
  }),
  { weight: 3, arbitrary: happening('respawn', share, ({ it }, lost) => it.respawn(lost)) },
  happening('noise', fc.constantFrom(...noises), ({ it, its }, noise) => {
    const incarnation = toIncarnation((it.monitor.services.get(its.name)?.incarnation ?? 0) - 1);
    it.take(tell(its.name, 'incarnation' in noise ? { ...noise, incarnation } : noise));
  }),
  happening('latencies', fc.array(small, { minLength: 1, maxLength: 4 }), ({ it }, latencies) => {
    it.latencies = latencies;
  }),
);

const trace = fc.record({
  specs: fc.subarray([...definitions], { minLength: 1, maxLength: 3 }),
  happened: fc.array(happenings, { maxLength: 40 }),
});
type Trace = typeof trace extends fc.Arbitrary<infer T> ? T : never;

function play({ specs, happened }: Trace): Simulation {
  const simulation = new Simulation(...specs).begin();
  for (const { run } of happened) run(simulation, specs);
  return simulation;
}

/** In a world that is healthy from here on, and in mode run. */
function healed(simulation: Simulation): Simulation {
  simulation.latencies = [0];
  simulation.world.heal();
  simulation.run(10);
  simulation.state('run');
  return simulation;
}

const runs = { numRuns: 100 } as const;

test('any trace: the invariants hold, and events are numbered without a gap', () => {
  fc.assert(
    fc.property(trace, (drawn) => {
      const { events } = play(drawn);
      events.forEach(({ sequence }, i) => {
        assert.equal(sequence, i + 1);
      });
    }),
    runs,
  );
});

test('any trace: in a healthy world everything that is wanted up runs before long', () => {
  fc.assert(
    fc.property(trace, (drawn) => {
      const simulation = healed(play(drawn));
      for (const { name } of simulation.specs) simulation.ask('start', name);
      simulation.run(60_000);
      for (const { actual, spec: its } of simulation.monitor.services.values()) {
        assert.equal(actual.state, 'running', its.name);
      }
    }),
    runs,
  );
});

test('any trace: what is to be down is stopped before long, if kills succeed', () => {
  fc.assert(
    fc.property(trace, (drawn) => {
      const simulation = healed(play(drawn));
      for (const { name } of simulation.specs) simulation.ask('stop', name);
      simulation.run(60_000);
      for (const { actual, spec: its } of simulation.monitor.services.values()) {
        assert.equal(actual.state, 'stopped', its.name);
        // Of a copy that somebody else started we need not know.
        if (drawn.happened.some(({ text }) => /hand|move|pause/.test(text))) continue;
        assert.equal(simulation.world.main(programOf(its)), null, its.name);
      }
    }),
    runs,
  );
});
