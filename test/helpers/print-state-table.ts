/** `make state-table`: writes the state table into ARCHITECTURE.md, or the document that is named. */

import { readFileSync, writeFileSync } from 'node:fs';
import { argv, exit, stderr } from 'node:process';
import { withStateTable } from './state-table.js';

const path = argv[2] ?? 'ARCHITECTURE.md';
const document = withStateTable(readFileSync(path, 'utf8'));
if (document === null) {
  stderr.write(`Cannot write the state table: ${path} has no place for it\n`);
  exit(1);
}
writeFileSync(path, document);
