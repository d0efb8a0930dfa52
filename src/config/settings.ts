/** The text of esmd.toml → Settings, or every problem in it. */

import type { Problem } from '../core/result.js';
import type { Settings } from '../core/service/spec.js';
import { DEFAULT_SETTINGS } from './defaults.js';
import { decodeDocument } from './document.js';
import { settingsKeys, settingsSchema } from './schema.js';
import { orNever } from './service.js';

/** `settings` is null if there is any problem. Never throws. */
export function decodeSettings(
  file: string,
  text: string,
): Readonly<{ settings: Settings | null; problems: readonly Problem[] }> {
  const { value, problems } = decodeDocument(file, text, {
    schema: settingsSchema,
    keys: settingsKeys,
    rules: () => [],
  });
  if (value === null) return { settings: null, problems };
  const { priority, retry_interval: interval } = value;
  return {
    settings: {
      priority: priority ?? DEFAULT_SETTINGS.priority,
      retryInterval: interval === null ? DEFAULT_SETTINGS.retryInterval : orNever(interval),
    },
    problems,
  };
}
