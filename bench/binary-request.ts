import type { LoadOrder } from './load-generator.ts';
import type { SentTensor } from './raw-session.ts';

/** A request by the binary extension, asking for the same form of answer. */
export function binaryRequest(
  path: string,
  tensors: readonly SentTensor[],
): Pick<LoadOrder, 'path' | 'headers' | 'body' | 'expected'> {
  const parts = tensors.map(({ bytes }) => Buffer.from(bytes, 'base64'));
  const json = JSON.stringify({
    inputs: tensors.map(({ name, datatype, shape }, index) => ({
      name,
      datatype,
      shape,
      parameters: { binary_data_size: parts[index]!.length },
    })),
    parameters: { binary_data_output: true },
  });
  return {
    path,
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(Buffer.byteLength(json)),
    },
    body: Buffer.concat([Buffer.from(json), ...parts]).toString('base64'),
    expected: 'any',
  };
}
