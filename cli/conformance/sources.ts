const rest =
  'https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md';

/** The specifications that cases quote. */
export const sources = {
  health: `${rest}#healthreadinessliveness-probes`,
  server: `${rest}#server-metadata`,
  model: `${rest}#model-metadata`,
  inference: `${rest}#inference`,
  data: `${rest}#tensor-data`,
  datatypes: `${rest}#tensor-data-types`,
  error: `${rest}#inference-response-json-error-object`,
  binary:
    'https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md',
  binaryOfKServe:
    'https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol/binary-tensor-data-extension',
  schedule:
    'https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_schedule_policy.md',
  grpc: `${rest.replace('inference_rest', 'inference_grpc')}`,
  healthOfGrpc: 'https://github.com/grpc/grpc/blob/master/doc/health-checking.md',
  deadlineOfGrpc: 'https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md',
  statusOfGrpc: 'https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses',
  reflectionOfGrpc: 'https://github.com/grpc/grpc/blob/master/doc/server-reflection.md',
  json: 'https://www.rfc-editor.org/rfc/rfc8259',
  http: 'https://www.rfc-editor.org/rfc/rfc9110',
  connections: 'https://www.rfc-editor.org/rfc/rfc9112',
  tooManyRequests: 'https://www.rfc-editor.org/rfc/rfc6585#section-4',
} as const;
