import { describe, expect, it } from 'vitest';
import {
  graphAttribute,
  int,
  model,
  node,
  type TensorProto,
  tensor,
  tensorAttribute,
  value,
  writeModel,
} from '../../../../../libraries/onnx/index.ts';
import { refuseExternalData } from '../../../../../plugins/serving/dataplane/load/external-data.ts';
import { denseModel, externalDataModel, linearModel } from '../fixtures/models.ts';

const outside: TensorProto = {
  name: 'secret',
  dims: [1n],
  dataType: 1,
  dataLocation: 1,
  externalData: [{ key: 'location', value: '/etc/passwd' }],
};

/** A model whose only tensor is the attribute of a node, or of a node in a branch of a node. */
function hidden(depth: number): Uint8Array {
  const constant = node('Constant', [], ['c'], { attributes: { value: tensorAttribute(outside) } });
  let nodes = [constant];
  for (let level = 0; level < depth; level++) {
    const branch = { name: `branch${level}`, node: nodes, output: [value('c', 'FP32', [1])] };
    nodes = [
      node('Constant', [], ['yes'], { attributes: { value: tensorAttribute(tensor('t', 'BOOL', [], [1])) } }),
      node('If', ['yes'], ['c'], {
        attributes: { then_branch: graphAttribute(branch), else_branch: graphAttribute(branch) },
      }),
    ];
  }
  return writeModel(
    model({
      name: 'hidden',
      inputs: [value('x', 'FP32', [1])],
      outputs: [value('y', 'FP32', [1])],
      nodes: [...nodes, node('Cast', ['c'], ['y'], { attributes: { to: int(1) } })],
      opsets: { 'ai.onnx': 17 },
    }),
  );
}

describe('a model that keeps data in another file', () => {
  it.each([
    ['a weight', externalDataModel().bytes, 'slope'],
    ['the value of a constant', hidden(0), 'secret'],
    ['a constant in a branch of a branch', hidden(2), 'secret'],
  ])('is refused by the name of the tensor: %s', (_, bytes, name) => {
    expect(() => refuseExternalData(bytes)).toThrow(`tensor "${name}" keeps its data in another file`);
  });

  it('is told from one that has all in itself', () => {
    expect(() => refuseExternalData(linearModel(1, 2).bytes)).not.toThrow();
    expect(() => refuseExternalData(denseModel(64, 3, 0).bytes)).not.toThrow();
  });

  it('is refused however it is cut short', () => {
    const bytes = hidden(1);
    for (let length = 1; length < bytes.length; length++) {
      try {
        refuseExternalData(bytes.slice(0, length));
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^(ExternalData|InvalidModel)$/);
        continue;
      }
      // Cut between two fields of the file itself, what is left is a smaller model: it must hold no graph yet.
      expect(length).toBeLessThan(20);
    }
  });
});
