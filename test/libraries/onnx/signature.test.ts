import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import {
  type ModelProto,
  model,
  node,
  readSignature,
  tensor,
  value,
  writeModel,
} from '../../../libraries/onnx/index.ts';
import { linearModel } from './linear-model.ts';

describe('the signature of a model', () => {
  it('says what it takes and gives, with dynamic sizes as null', () => {
    expect(readSignature(writeModel(linearModel()))).toEqual({
      inputs: [
        { name: 'x', datatype: 'FP32', shape: [null, 3] },
        { name: 'text', datatype: 'BYTES', shape: [null, 1] },
      ],
      outputs: [
        { name: 'y', datatype: 'FP32', shape: [null, 3] },
        { name: 'echo', datatype: 'BYTES', shape: [null, 1] },
      ],
      opsets: { 'ai.onnx': 17 },
      metadata: { author: 'Ørsted', task: 'test' },
      producer: { name: 'switchyard', version: '1' },
      irVersion: 8,
      externalData: false,
    });
  });

  it('agrees with what ONNX Runtime reports once it has loaded the model', async () => {
    const bytes = writeModel(linearModel());
    const session = await InferenceSession.create(bytes);
    const { inputs, outputs } = readSignature(bytes);
    expect(inputs.map((input) => input.name)).toEqual(session.inputNames);
    expect(outputs.map((output) => output.name)).toEqual(session.outputNames);
    await session.release();
  });

  it('leaves out inputs that have their default in the file', () => {
    const linear = linearModel();
    const withDefault: ModelProto = {
      ...linear,
      graph: { ...linear.graph, input: [...(linear.graph?.input ?? []), value('scale', 'FP32', [1])] },
    };
    expect(readSignature(writeModel(withDefault)).inputs.map((input) => input.name)).toEqual(['x', 'text']);
  });

  it('tells a scalar from a tensor of open rank, and reads -1 as dynamic', () => {
    const open = { name: 'open', type: { tensorType: { elementType: 1 } } };
    const graph = { input: [value('scalar', 'INT64', []), open, value('minus', 'BOOL', [-1, 0])] };
    expect(readSignature(writeModel({ graph })).inputs).toEqual([
      { name: 'scalar', datatype: 'INT64', shape: [] },
      { name: 'open', datatype: 'FP32', shape: null },
      { name: 'minus', datatype: 'BOOL', shape: [null, 0] },
    ]);
  });

  it('refuses outputs that are no tensors, and says how scikit-learn models avoid it', () => {
    const sequence = new BinaryWriter().tag(4, WireType.LengthDelimited).bytes(new Uint8Array()).finish();
    const graph = { output: [{ name: 'probabilities', type: { unknown: [sequence] } }] };
    expect(() => readSignature(writeModel({ graph }))).toThrow(
      "output 'probabilities' is a sequence; only tensors can be served (for scikit-learn, export with zipmap off)",
    );
    expect(() => readSignature(writeModel({ graph: { input: [{ name: 'x' }] } }))).toThrow(
      "input 'x' is of no declared type",
    );
  });

  it('refuses element types that the protocol has no name for', () => {
    const graph = { input: [{ name: 'wave', type: { tensorType: { elementType: 14, shape: {} } } }] };
    expect(() => readSignature(writeModel({ graph }))).toThrow(
      expect.objectContaining({ code: 'UnsupportedType' }),
    );
  });

  it('says when weights lie in another file', () => {
    const weights = { ...tensor('w', 'FP32', [1], [1]), dataLocation: 1 };
    expect(readSignature(writeModel({ graph: { initializer: [weights] } })).externalData).toBe(true);
  });

  it('keeps metadata keys that mean something to JavaScript as plain text', () => {
    const metadata = JSON.parse('{"__proto__": "a", "constructor": "b"}') as Record<string, string>;
    const bytes = writeModel(
      model({
        name: 'g',
        inputs: [value('x', 'FP32', [1])],
        outputs: [value('y', 'FP32', [1])],
        nodes: [node('Relu', ['x'], ['y'])],
        opsets: { 'ai.onnx': 17 },
        metadata,
      }),
    );
    expect(Object.entries(readSignature(bytes).metadata).sort()).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });
});
