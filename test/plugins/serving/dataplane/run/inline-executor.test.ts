import { expect, it } from 'vitest';
import type { ModelInterface } from '../../../../../plugins/serving/dataplane/protocol/model-interface.ts';
import { noHangWatch } from '../../../../../plugins/serving/dataplane/run/hang-watch.ts';
import { openInline } from '../../../../../plugins/serving/dataplane/run/inline-executor.ts';
import type { Tensor } from '../../../../../plugins/serving/dataplane/tensor/tensor.ts';
import { lookupModel, twoSidedModel } from '../fixtures/models.ts';

const open = ({ bytes, signature }: ReturnType<typeof twoSidedModel>) =>
  openInline(bytes, signature as ModelInterface, noHangWatch.guard('version'), undefined);

/** `a` counts from 1, `b` in hundreds. */
function rowsOf(count: number): Tensor[] {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return [
    { datatype: 'FP32', shape: [count, 1], data: Float32Array.from(numbers) },
    { datatype: 'INT64', shape: [count, 1], data: BigInt64Array.from(numbers, (n) => BigInt(100 * n)) },
    { datatype: 'BYTES', shape: [count, 1], data: numbers.map((n) => `word ${n}`) },
  ];
}

it('takes inputs as late as the model reads them, all of the same moment', async () => {
  const executor = await open(twoSidedModel());
  let rows = 1;
  const running = executor.runLate!(() => rowsOf(rows));
  rows = 2;
  await Promise.resolve();
  rows = 3;
  const [sum, same] = await running;
  expect(sum).toMatchObject({ shape: [3, 1], data: Float32Array.of(101, 202, 303) });
  expect(same).toMatchObject({ shape: [3, 1], data: ['word 1', 'word 2', 'word 3'] });
  await executor.close();
});

it('does so where the signature has the inputs in another order than the model', async () => {
  const { bytes, signature } = twoSidedModel();
  const executor = await open({
    bytes,
    signature: { ...signature, inputs: [...signature.inputs].reverse() },
  });
  let rows = 1;
  const running = executor.runLate!(() => rowsOf(rows).reverse());
  rows = 2;
  const [sum, same] = await running;
  expect(sum).toMatchObject({ shape: [2, 1], data: Float32Array.of(101, 202) });
  expect(same).toMatchObject({ data: ['word 1', 'word 2'] });
  await executor.close();
});

it('tells of a model that refuses what it was given late', async () => {
  const executor = await open(lookupModel());
  const index: Tensor = { datatype: 'INT64', shape: [1], data: BigInt64Array.of(9n) };
  await expect(executor.runLate!(() => [index])).rejects.toMatchObject({ code: 'InferenceFailed' });
  await executor.close();
});

it('counts a run as begun when the runtime begins it, not when it is asked for', async () => {
  const told: string[] = [];
  const guard = { begin: () => told.push('begin'), end: () => told.push('end') };
  const { bytes, signature } = lookupModel();
  const executor = await openInline(bytes, signature as ModelInterface, guard, undefined);
  const index = (value: bigint): Tensor => ({ datatype: 'INT64', shape: [1], data: BigInt64Array.of(value) });
  // Whatever the event loop does before it comes to the run.
  setImmediate(() => told.push('others'));
  const run = executor.run([index(1n)], false);
  told.push('asked');
  await run;
  expect(told.splice(0)).toEqual(['asked', 'others', 'begin', 'end']);
  await expect(executor.run([index(9n)], false)).rejects.toMatchObject({ code: 'InferenceFailed' });
  await expect(executor.run([], false)).rejects.toMatchObject({ code: 'InferenceFailed' });
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(['begin', 'end']);
  await executor.close();
});
