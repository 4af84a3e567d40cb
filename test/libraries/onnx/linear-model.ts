import { type ModelProto, model, node, tensor, value } from '../../../libraries/onnx/index.ts';

/** y = x * scale + offset, and an echo of the text: floats, strings, constants and metadata in one small graph. */
export function linearModel(): ModelProto {
  return model({
    name: 'linear',
    inputs: [value('x', 'FP32', ['N', 3]), value('text', 'BYTES', [null, 1])],
    outputs: [value('y', 'FP32', ['N', 3]), value('echo', 'BYTES', [null, 1])],
    initializers: [tensor('scale', 'FP32', [1], [2]), tensor('offset', 'FP32', [3], [0.5, -1, 1e-3])],
    nodes: [
      node('Mul', ['x', 'scale'], ['scaled']),
      node('Add', ['scaled', 'offset'], ['y']),
      node('Identity', ['text'], ['echo']),
    ],
    opsets: { 'ai.onnx': 17 },
    metadata: { task: 'test', author: 'Ørsted' },
    producer: { name: 'switchyard', version: '1' },
  });
}
