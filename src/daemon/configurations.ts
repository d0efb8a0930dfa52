/** Which configuration holds, and whether the files say something else by now. */

import { isDeepStrictEqual } from 'node:util';
import type { Configured, Monitor } from '../core/monitor/monitor.js';
import type { Settings, Spec } from '../core/service/spec.js';
import { DEFAULT_SETTINGS } from '../config/defaults.js';
import { diff } from '../config/diff.js';
import type { Configuration } from '../config/configuration.js';
import type { Loaded } from './configuration.js';
import { load } from './configuration.js';

export class Configurations {
  readonly #overrides: Partial<Settings>;
  readonly #load: typeof load;
  #specs: ReadonlyMap<string, Spec>;
  #settings: Settings = DEFAULT_SETTINGS;
  #broken: readonly string[] = [];
  #difference: string | null = null;
  /** One reading at a time: an older one that ends later would hold. */
  #last: Promise<unknown> = Promise.resolve();
  #loadsAhead = 0;
  #isToCompare = false;

  /** The definitions of the last esmd are the last good ones until the files are read. */
  constructor(overrides: Partial<Settings>, monitor: Monitor, read = load) {
    this.#overrides = overrides;
    this.#load = read;
    this.#settings = { ...DEFAULT_SETTINGS, ...overrides };
    const known = [...monitor.services.values()].map(({ spec }) => [spec.name, spec] as const);
    this.#specs = new Map(known);
  }

  get settings(): Settings {
    return this.#settings;
  }

  get differs(): boolean {
    return this.#difference !== null;
  }

  /** Reads everything and takes it as what holds. */
  async load(): Promise<Configured> {
    this.#loadsAhead += 1;
    const loaded = await this.#afterOthers(() => this.#read());
    this.#loadsAhead -= 1;
    this.#specs = loaded.configuration.specs;
    this.#settings = loaded.configuration.settings;
    this.#broken = loaded.configuration.unreadable;
    this.#difference = null;
    return loaded.input;
  }

  /** What has changed on disk since, in words; null: nothing, or nothing new. */
  async compare(): Promise<string | null> {
    // One that has not begun sees this change as well.
    if (this.#isToCompare) return null;
    this.#isToCompare = true;
    return this.#afterOthers(async () => {
      this.#isToCompare = false;
      const before = this.#difference;
      const { configuration } = await this.#read();
      // What is about to be loaded is no difference any more.
      if (this.#loadsAhead > 0) return null;
      this.#difference = this.#describe(configuration);
      return this.#difference === before ? null : this.#difference;
    });
  }

  #afterOthers<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(act);
    this.#last = mine;
    return mine;
  }

  #describe({ specs, settings, unreadable }: Configuration): string | null {
    const { added, changed, removed } = diff(this.#specs, specs);
    const broken = unreadable.filter((name) => !this.#broken.includes(name));
    const parts = [
      ...list('added', added),
      ...list('changed', changed),
      ...list('removed', removed),
      ...list('broken', broken),
      ...(isDeepStrictEqual(settings, this.#settings) ? [] : ['settings']),
    ];
    return parts.length === 0
      ? null
      : `the configuration differs from what is loaded (${parts.join('; ')}): esmctl reload applies it`;
  }

  #read(): Promise<Loaded> {
    return this.#load(this.#overrides, this.#specs, this.#settings);
  }
}

const list = (what: string, names: readonly string[]): readonly string[] =>
  names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];
