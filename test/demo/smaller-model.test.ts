import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { withFirstTrees } from '../../demo/smaller-model.ts';
import { readSignature } from '../../libraries/onnx/index.ts';
import { packageFile } from '../../libraries/package-files/index.ts';

const whole = readFileSync(packageFile('registry-repo-template/models/bird-strike/artifacts/1.1.0.onnx'));
const goose = {
  airport: 'LAGUARDIA NY',
  aircraft: 'B-727-200',
  operator: 'DELTA AIR LINES',
  origin_state: 'New York',
  phase_of_flight: 'Approach',
  wildlife_size: 'Large',
  wildlife_species: 'Canada goose',
  time_of_day: 'Dusk',
};

it('keeps the signature, and answers with the trees that are left', async () => {
  const smaller = withFirstTrees(whole, 10);
  expect(readSignature(smaller)).toEqual(readSignature(whole));
  expect(smaller.byteLength).toBeLessThan(whole.byteLength / 2);
  const [all, few, none] = await Promise.all([whole, smaller, withFirstTrees(whole, 1)].map(probability));
  expect(all).toBeCloseTo(0.4329118, 5);
  // Each tree takes it further from what is known without looking.
  expect(few).toBeGreaterThan(none ?? 1);
  expect(few).toBeLessThan(all ?? 0);
});

async function probability(model: Uint8Array): Promise<number> {
  const session = await InferenceSession.create(model);
  const texts = Object.entries(goose).map(([name, value]) => [name, new Tensor('string', [value], [1, 1])]);
  const speed = new Tensor('float32', [140], [1, 1]);
  const answer = await session.run({ ...Object.fromEntries(texts), speed_knots: speed });
  await session.release();
  return Number(answer.probability?.data[0]);
}
