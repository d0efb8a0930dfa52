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
  #specs: ReadonlyMap<string, Spec>;
  #settings: Settings = DEFAULT_SETTINGS;
  #broken: readonly string[] = [];
  #difference: string | null = null;
  #isComparing = false;
  #mustCompare = false;

  /** The definitions of the last esmd are the last good ones until the files are read. */
  constructor(overrides: Partial<Settings>, monitor: Monitor) {
    this.#overrides = overrides;
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
    const loaded = await this.#read();
    this.#specs = loaded.configuration.specs;
    this.#settings = loaded.configuration.settings;
    this.#broken = loaded.configuration.unreadable;
    this.#difference = null;
    return loaded.input;
  }

  /** What has changed on disk since, in words; null: nothing, or nothing new. */
  async compare(): Promise<string | null> {
    this.#mustCompare = true;
    if (this.#isComparing) return null;
    this.#isComparing = true;
    const before = this.#difference;
    while (this.#mustCompare) {
      this.#mustCompare = false;
      this.#difference = this.#describe((await this.#read()).configuration);
    }
    this.#isComparing = false;
    return this.#difference === before ? null : this.#difference;
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
    return load(this.#overrides, this.#specs, this.#settings);
  }
}

const list = (what: string, names: readonly string[]): readonly string[] =>
  names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];
