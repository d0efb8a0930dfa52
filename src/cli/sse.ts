/** Server-sent events from bytes: the part of the format that esmd writes. */

import { StringDecoder } from 'node:string_decoder';

/** What lies between two empty lines; `event` is `message` where none is said. */
export type Block = Readonly<{ id: number | null; event: string; data: string }>;

/** No event is nearly as long; a peer that sends no line end must not fill our memory. */
const mostCharacters = 16 * 1024 * 1024;

export class BlockReader {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  /** The blocks that are complete with these bytes. */
  read(bytes: Buffer): readonly Block[] {
    const text = this.#rest + this.#decoder.write(bytes);
    const parts = text.split('\n\n');
    this.#rest = parts.pop() ?? '';
    if (this.#rest.length > mostCharacters) this.#rest = '';
    return parts.map(parseBlock);
  }
}

function parseBlock(text: string): Block {
  let [id, event]: [number | null, string] = [null, 'message'];
  const data: string[] = [];
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    // A line that begins with a colon is a comment.
    if (colon < 1) continue;
    const value = line.slice(colon + 1).replace(/^ /, '');
    const field = line.slice(0, colon);
    if (field === 'data') data.push(value);
    if (field === 'event') event = value;
    if (field === 'id' && /^\d+$/.test(value)) id = Number(value);
  }
  return { id, event, data: data.join('\n') };
}
