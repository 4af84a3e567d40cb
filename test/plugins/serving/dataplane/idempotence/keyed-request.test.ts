import { expect, it } from 'vitest';
import { keyOf } from '../../../../../plugins/serving/dataplane/idempotence/keyed-request.ts';

it.each([
  ['4f1c6c2e-6ad3-4ef0-9d0a-9f9a3c1f1a55', '4f1c6c2e-6ad3-4ef0-9d0a-9f9a3c1f1a55'],
  ['"4f1c6c2e-6ad3-4ef0-9d0a-9f9a3c1f1a55"', '4f1c6c2e-6ad3-4ef0-9d0a-9f9a3c1f1a55'],
  ['KG5L/wFB+epaK=HyU:D~', 'KG5L/wFB+epaK=HyU:D~'],
  ['"order 7, again; \\"soon\\" \\\\"', 'order 7, again; "soon" \\'],
  [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
])('takes %j', (header, key) => {
  expect(keyOf(header)).toBe(key);
});

it.each([
  ['nothing', ''],
  ['an empty text', '""'],
  ['half a text', '"abc'],
  ['another half', 'abc"'],
  ['a text with an unknown escape', '"a\\b"'],
  ['a text that ends in its escape', '"abc\\"'],
  ['two keys', 'abc, def'],
  ['two texts', '"abc", "def"'],
  ['a list of a token', 'abc,'],
  ['parameters', '"abc"; a=1'],
  ['a token with parameters', 'abc;a=1'],
  ['spaces without quotes', 'order 7'],
  ['a letter beyond ASCII', '"schlüssel"'],
  ['a control character', '"a\tb"'],
  ['a key that is too long', 'x'.repeat(256)],
])('refuses %s', (_, header) => {
  expect(() => keyOf(header)).toThrow(
    expect.objectContaining({ code: 'InvalidRequest', message: expect.stringContaining('Idempotency-Key') }),
  );
});

it('refuses a header that came several times', () => {
  expect(() => keyOf(['a', 'b'])).toThrow('must be one text');
});
