import { expect, it } from 'vitest';
import { InferenceError } from '../../../../../plugins/serving/dataplane/errors/inference-error.ts';
import { statusOf } from '../../../../../plugins/serving/dataplane/grpc/status.ts';
import type { ModelInterface } from '../../../../../plugins/serving/dataplane/protocol/model-interface.ts';
import { inputsOf } from '../../../../../plugins/serving/dataplane/protocol/tensors-of-model.ts';

const sizeOf = (status: ReturnType<typeof statusOf>) =>
  Object.entries(status).reduce((sum, [name, value]) => sum + name.length + String(value).length + 32, 0);
const hintIn = (status: ReturnType<typeof statusOf>) =>
  Buffer.from(String(status['switchyard-hint-bin']), 'base64').toString();

it.each([
  ['letters', 'a'],
  ['letters of two bytes', 'é'],
  ['letters of three bytes', '鳥'],
  ['letters of four bytes', '😀'],
])('tells an error whose texts are long %s within what clients take', (_, letter) => {
  const text = letter.repeat(5_000);
  const status = statusOf(new InferenceError('InvalidTensor', 400, text, { hint: text }));
  expect(sizeOf(status)).toBeLessThan(6 * 1024);
  expect(hintIn(status)).toMatch(new RegExp(`^${letter}{100,}…$`, 'u'));
  expect(decodeURI(String(status['grpc-message']))).toMatch(new RegExp(`^${letter}{100,}…$`, 'u'));
});

it('tells short texts whole', () => {
  const status = statusOf(new InferenceError('InvalidTensor', 400, 'so es ist', { hint: 'Nö.' }));
  expect([decodeURI(String(status['grpc-message'])), hintIn(status)]).toEqual(['so es ist. Nö.', 'Nö.']);
});

it('names some of many inputs, and how many more there are', () => {
  const model: ModelInterface = {
    inputs: Array.from({ length: 400 }, (_, index) => ({
      name: `a_column_with_a_long_name_${index}`,
      datatype: 'FP32',
      shape: [-1, 1],
    })),
    outputs: [],
    batchable: true,
  };
  const refused = () =>
    inputsOf(
      model,
      ['other'],
      (name) => name,
      () => null as never,
    );
  expect(refused).toThrow(
    expect.objectContaining({
      hint: expect.stringMatching(/^It has: a_column_with_a_long_name_0, .*_19 and 380 more\.$/),
    }),
  );
});
