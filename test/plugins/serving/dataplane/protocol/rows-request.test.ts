import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InferenceError } from '../../../../../plugins/serving/dataplane/errors/inference-error.ts';
import { duplicateField } from '../../../../../plugins/serving/dataplane/protocol/duplicate-field.ts';
import type { ModelInterface } from '../../../../../plugins/serving/dataplane/protocol/model-interface.ts';
import { readRowsRequest } from '../../../../../plugins/serving/dataplane/protocol/rows-request.ts';

const model: ModelInterface = {
  batchable: true,
  inputs: [
    { name: 'speed', datatype: 'FP32', shape: [-1, 1] },
    { name: 'count', datatype: 'INT64', shape: [-1, 1] },
    { name: 'word', datatype: 'BYTES', shape: [-1, 1] },
    { name: 'pair', datatype: 'UINT8', shape: [-1, 2], columns: ['a', 'b'] },
  ],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
};

const row = fc.record(
  {
    speed: fc.oneof(fc.double(), fc.constant('1')),
    count: fc.oneof(fc.integer(), fc.constant(1.5)),
    word: fc.string(),
    a: fc.nat(300),
    b: fc.nat(255),
    other: fc.anything(),
  },
  { requiredKeys: [] },
);
const rightRow = fc.record({
  speed: fc.integer(),
  count: fc.integer(),
  word: fc.constantFrom('', 'wörter', '"'),
  a: fc.nat(255),
  b: fc.nat(255),
});
const document = fc.record(
  {
    rows: fc.oneof(fc.array(row, { maxLength: 5 }), fc.anything()),
    id: fc.oneof(fc.string(), fc.anything()),
    parameters: fc.record(
      { on_error: fc.constantFrom('skip', 'refuse', 1), text_numbers: fc.boolean() },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['rows'] },
);

it('reads a request for rows, or says what is wrong with it, whatever is sent', () => {
  const bytes = fc.oneof(
    fc.array(rightRow, { minLength: 1, maxLength: 5 }).map((rows) => Buffer.from(JSON.stringify({ rows }))),
    document.map((value) =>
      Buffer.from(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? 1 : one)) ?? ''),
    ),
    fc.tuple(document, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
      const text = Buffer.from(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? 1 : one)) ?? '');
      if (text.length > 0) text[at % text.length] = byte;
      return text;
    }),
    fc.uint8Array().map((array) => Buffer.from(array)),
  );
  let read = 0;
  fc.assert(
    fc.property(bytes, (body) => {
      try {
        const { inputs, rows, sent, problems } = readRowsRequest(body, model);
        read++;
        expect(rows.length + new Set(problems.map(({ row }) => row)).size).toBe(sent);
        expect(inputs.map(({ data }) => data.length)).toEqual(
          [1, 1, 1, 2].map((width) => width * rows.length),
        );
      } catch (error) {
        expect(error).toBeInstanceOf(InferenceError);
        expect((error as InferenceError).status).toBeLessThan(500);
      }
    }),
    { numRuns: 2_000 },
  );
  expect(read).toBeGreaterThan(100);
});

it('finds a field that stands twice, and only where one does', () => {
  const key = fc.constantFrom('a', 'b', ':', '"', '\\', '{', 'ü', '', '__proto__');
  const object = fc.array(fc.tuple(key, fc.jsonValue({ maxDepth: 2 })), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(object, { maxLength: 4 }), (objects) => {
      const text = JSON.stringify(0).replace(
        '0',
        () =>
          `{"rows": [${objects.map((one) => `{${one.map(([name, value]) => `${JSON.stringify(name)} : ${JSON.stringify(value)}`).join(', ')}}`).join(' , ')}]}`,
      );
      const first = objects.findIndex((one) => new Set(one.map(([name]) => name)).size < one.length);
      const found = duplicateField(text, JSON.parse(text));
      expect(found?.path).toEqual(first < 0 ? undefined : ['rows', first]);
    }),
  );
});
