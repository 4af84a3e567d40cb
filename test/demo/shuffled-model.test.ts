import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { qualityOf } from '../../demo/quality.ts';
import { trainedOnShuffledLabels } from '../../demo/shuffled-model.ts';
import { heldOutStrikes, tensorsOf } from '../../demo/strikes.ts';
import { readSignature } from '../../libraries/onnx/index.ts';
import { packageFile } from '../../libraries/package-files/index.ts';

const data = packageFile('registry-repo-template/data/bird-strikes.csv');

it('has the signature of the real one, has learnt nothing, and comes out the same each time', async () => {
  const shuffled = trainedOnShuffledLabels(data);
  const real = readFileSync(packageFile('registry-repo-template/models/bird-strike/artifacts/1.1.0.onnx'));
  // Each has a threshold of its own.
  const { metadata: _, ...signature } = readSignature(real);
  expect(readSignature(shuffled)).toMatchObject(signature);
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  expect(digest(trainedOnShuffledLabels(data))).toBe(digest(shuffled));
  const auc = await Promise.all([shuffled, real].map(areaUnderCurve));
  // A coin toss has 0.5.
  expect(auc[0]).toBeGreaterThan(0.4);
  expect(auc[0]).toBeLessThan(0.6);
  expect(auc[1]).toBeGreaterThan(0.8);
});

async function areaUnderCurve(model: Uint8Array): Promise<number> {
  const strikes = await heldOutStrikes(data, 1995, 1998);
  const session = await InferenceSession.create(model);
  const inputs = tensorsOf(strikes).map(({ name, datatype, shape, data }) => [
    name,
    new Tensor(datatype === 'BYTES' ? 'string' : 'float32', data as string[], shape as number[]),
  ]);
  const answer = await session.run(Object.fromEntries(inputs));
  await session.release();
  const answers = strikes.map((_, row) => ({
    probability: Number(answer.probability?.data[row]),
    damaged: Number(answer.label?.data[row]) === 1,
    version: '',
    commit: '',
  }));
  return qualityOf(strikes, answers).auc;
}
