/** What a session is fed of tensors that were sent. */
import { Tensor } from 'onnxruntime-node';
import type { SentTensor } from './raw-session.ts';

/** Makes tensors anew for each run, as a server has them, over the same elements. */
export function tensorMakers(inputs: readonly SentTensor[]): () => Record<string, Tensor> {
  const makers = inputs.map((input) => [input.name, tensorMaker(input)] as const);
  return () => Object.fromEntries(makers.map(([name, make]) => [name, make()]));
}

function tensorMaker({ datatype, shape, bytes }: SentTensor): () => Tensor {
  const { buffer } = Uint8Array.from(Buffer.from(bytes, 'base64'));
  if (datatype === 'FP32') {
    const data = new Float32Array(buffer);
    return () => new Tensor('float32', data, shape);
  }
  const data = new BigInt64Array(buffer);
  return () => new Tensor('int64', data, shape);
}
