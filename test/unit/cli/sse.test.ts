import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BlockReader } from '../../../src/cli/sse.js';

const text =
  ': hello\n\nid: 7\nevent: service.stopped\ndata: {"a":"ü"}\n\ndata: x\ndata: y\n\nid: 8';

const blocks = [
  { id: null, event: 'message', data: '' },
  { id: 7, event: 'service.stopped', data: '{"a":"ü"}' },
  { id: null, event: 'message', data: 'x\ny' },
];

test('blocks come out whole, however the bytes come in', () => {
  const bytes = Buffer.from(text);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
      const reader = new BlockReader();
      const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const read = edges.flatMap((edge, i) =>
        reader.read(bytes.subarray(edge, edges[i + 1] ?? edge)),
      );
      assert.deepEqual(read, blocks);
    }),
  );
});

test('any bytes are read without an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      new BlockReader().read(Buffer.from(bytes));
    }),
  );
});
