/** What can be wrong with an ONNX file, a graph that is being built, or two that do not agree. Stable: callers branch on it. */
export type OnnxErrorCode =
  | 'Malformed'
  | 'Truncated'
  | 'TooLarge'
  | 'NotOnnx'
  | 'UnsupportedType'
  | 'InvalidTensor'
  | 'InvalidGraph'
  | 'NotAlike';

/**
 * The only error that this library throws for bad input. `path` names the place inside the file
 * (`graph.input[2].type`), as far as reading came.
 */
export class OnnxError extends Error {
  readonly code: OnnxErrorCode;
  readonly path: string;

  constructor(code: OnnxErrorCode, message: string, path = '') {
    super(path === '' ? message : `${message} (at ${path})`);
    this.name = 'OnnxError';
    this.code = code;
    this.path = path;
  }
}
