import { OnnxError } from './error.ts';

/** Names the usual things that are found where a model is expected. */
export function refuseOtherFormats(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new OnnxError('NotOnnx', 'the file is empty');
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64)).toString('latin1');
  const found = otherFormats.find(([start]) => head.startsWith(start));
  if (found) throw new OnnxError('NotOnnx', found[1]);
}

const otherFormats: readonly (readonly [string, string])[] = [
  [
    'version https://git-lfs',
    'the file is a Git LFS pointer, not the model: fetch the content with `git lfs pull`',
  ],
  [
    'PK\u0003\u0004',
    'the file is a ZIP archive (PyTorch and Keras save models so): export the model to ONNX',
  ],
  ['\u0089HDF', 'the file is HDF5 (Keras saves models so): export the model to ONNX'],
  ['\u0080\u0004', 'the file is a Python pickle: export the model to ONNX'],
  ['<', 'the file is HTML or XML, perhaps the error page of a download'],
];
