/** The models that cases with known answers ask: any server of ONNX models can serve them. */
import { type Datatype, model, node, value, writeModel } from '../../libraries/onnx/index.ts';
import { fixtureDatatypes, identityFixture } from './datatype-samples.ts';
import { sumFixture } from './sum-fixture.ts';

export interface FixtureModel {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** All of them, in the order of their names. */
export function fixtureModels(): readonly FixtureModel[] {
  const all = fixtureDatatypes.map((datatype) => identityModel(datatype as Datatype));
  return [...all, sumModel()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function identityModel(datatype: Datatype): FixtureModel {
  const name = identityFixture(datatype);
  const bytes = writeModel(
    model({
      name,
      inputs: [value('x', datatype, ['N', 4])],
      outputs: [value('y', datatype, ['N', 4])],
      nodes: [node('Identity', ['x'], ['y'])],
      opsets: { 'ai.onnx': 13 },
    }),
  );
  return { name, bytes };
}

function sumModel(): FixtureModel {
  const tensor = (name: string) => value(name, 'FP32', ['N', 2]);
  const bytes = writeModel(
    model({
      name: sumFixture,
      inputs: [tensor('a'), tensor('b')],
      outputs: [tensor('sum'), tensor('difference')],
      nodes: [node('Add', ['a', 'b'], ['sum']), node('Sub', ['a', 'b'], ['difference'])],
      opsets: { 'ai.onnx': 13 },
    }),
  );
  return { name: sumFixture, bytes };
}
