import fc from 'fast-check';
import { expect, it } from 'vitest';
import { refuseExternalData } from '../../../../../plugins/serving/dataplane/load/external-data.ts';
import { syntheticInputs } from '../../../../../plugins/serving/dataplane/load/synthetic-inputs.ts';
import type { TensorInterface } from '../../../../../plugins/serving/dataplane/protocol/model-interface.ts';
import { openSession, type RuntimeValue } from '../../../../../plugins/serving/dataplane/run/session.ts';
import { encoderModel, linearModel, lookupModel, twoSidedModel } from '../fixtures/models.ts';

const models = [linearModel(2, 1), encoderModel(), lookupModel(), twoSidedModel()].map(({ bytes }) => bytes);

/** A model with some bytes changed, and perhaps its end cut off. */
const mutated = fc
  .tuple(
    fc.constantFrom(...models),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
    fc.option(fc.nat(), { freq: 4 }),
  )
  .map(([bytes, changes, cut]) => {
    const copy = Uint8Array.from(bytes);
    for (const [at, byte] of changes) copy[at % copy.length] = byte;
    return cut === null ? copy : copy.slice(0, cut % copy.length);
  });

it('a broken artifact ends in an error or in a model, and never takes the process with it', {
  timeout: 120_000,
}, async () => {
  let loaded = 0;
  await fc.assert(
    fc.asyncProperty(mutated, async (bytes) => {
      try {
        refuseExternalData(bytes);
        const session = await openSession(bytes);
        loaded++;
        const inputs = session.inputs.filter(isSmall);
        if (inputs.length === session.inputs.length) {
          const names = (values: readonly RuntimeValue[]) => values.map(({ name }) => name);
          const run = session.run(names(inputs), syntheticInputs(inputs, 2, 1, 1), names(session.outputs));
          await run.catch(() => undefined);
        }
        await session.release();
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^(InvalidModel|ExternalData)$/);
      }
    }),
    { numRuns: 1_000 },
  );
  expect(loaded).toBeGreaterThan(5);
});

function isSmall(value: RuntimeValue): value is RuntimeValue & TensorInterface {
  const elements = (value.shape ?? []).reduce((product, size) => product * Math.abs(size), 1);
  return value.datatype !== undefined && value.shape !== undefined && elements < 10_000;
}
