/** Every key of a document that is not known, and which one was probably meant. */

import { nearest } from '../core/nearest.js';
import { FINDINGS_LISTED, type Finding } from './finding.js';
import { formatKey } from './locate.js';
import type { KnownKeys } from './schema.js';
import { isTable, type Table } from './value.js';

export function findUnknownKeys(document: Table, known: KnownKeys): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [tableName, keys] of known) {
    const table = tableName === '' ? document : document[tableName];
    if (!isTable(table)) continue;
    for (const key of Object.keys(table)) {
      if (keys.includes(key)) continue;
      // Looking for what was meant is slow, and beyond these nothing is shown.
      const remedy = findings.length < FINDINGS_LISTED ? remedyFor(tableName, key, known) : '';
      findings.push(unknownKey(tableName, key, remedy));
    }
  }
  return findings;
}

function unknownKey(tableName: string, key: string, remedy: string): Finding {
  const where = tableName === '' ? '' : ` in [${tableName}]`;
  const name = key.length > 60 ? `${key.slice(0, 60)}…` : key;
  return {
    code: 'ESM_CONFIG_UNKNOWN_KEY',
    message: `Cannot use the key: ${JSON.stringify(name)} is not known${where}`,
    remedy,
    key: formatKey(tableName === '' ? [key] : [tableName, key]),
  };
}

function remedyFor(tableName: string, key: string, known: KnownKeys): string {
  const home = [...known].find(([, keys]) => keys.includes(key))?.[0];
  // What stands below a [header] belongs to that table, also where a line was added at the end.
  if (home === '') return `move it above the first [table]: "${key}" is a key of the whole file`;
  if (home !== undefined) return `move it into [${home}]`;
  const keys = known.get(tableName) ?? [];
  const meant = nearest(key, keys);
  return meant === null ? `known are ${keys.join(', ')}` : `did you mean "${meant}"`;
}
