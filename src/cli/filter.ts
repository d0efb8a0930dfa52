/**
 * `esmctl events --filter`: terms that all have to hold, separated by blanks or commas. A term is
 * a glob for the type (`service.*`; the prefix `sys.unix.esm.` may be written), `name=GLOB` for
 * the service, or `severity=WORD` for that severity and graver ones.
 */

import { severities, type Event } from '../core/event/event.js';
import { failed, ok, type Result } from '../core/result.js';

export type Filter = (event: Event) => boolean;

/** An empty expression lets everything through. */
export function parseFilter(expression: string): Result<Filter> {
  const filters: Filter[] = [];
  for (const term of expression.split(/[\s,]+/).filter((word) => word !== '')) {
    const filter = parseTerm(term);
    if (filter === null) return failed(unreadable(term));
    filters.push(filter);
  }
  return ok((event) => filters.every((holds) => holds(event)));
}

function parseTerm(term: string): Filter | null {
  const equals = term.indexOf('=');
  const key = equals === -1 ? 'type' : term.slice(0, equals);
  const value = term.slice(equals + 1);
  if (value === '') return null;
  if (key === 'type') {
    const isLike = glob(value.replace(/^sys\.unix\.esm\./, ''));
    return ({ body }) => isLike(body.type);
  }
  if (key === 'name') {
    const isLike = glob(value);
    return ({ service }) => service !== null && isLike(service);
  }
  const least = severities.findIndex((word) => word === value);
  return key === 'severity' && least !== -1
    ? ({ severity }) => severities.indexOf(severity) <= least
    : null;
}

/**
 * `*` is any run of characters, `?` any one. Goes back to the last `*` only, so that no pattern
 * takes longer than both lengths multiplied; a regular expression could take for ever.
 */
function glob(pattern: string): (text: string) => boolean {
  return (text) => {
    let [at, star, retry] = [0, -1, 0];
    let p = 0;
    while (at < text.length) {
      if (pattern[p] === '*') {
        star = p;
        p += 1;
        retry = at;
      } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[at])) {
        p += 1;
        at += 1;
      } else if (star !== -1) {
        p = star + 1;
        retry += 1;
        at = retry;
      } else {
        return false;
      }
    }
    return /^\**$/.test(pattern.slice(p));
  };
}

const unreadable = (term: string) => ({
  code: 'ESM_FILTER',
  message: `Cannot understand the filter "${term}": it has to be TYPE, name=NAME or severity=WORD`,
});
