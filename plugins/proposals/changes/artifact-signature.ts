import { messageOf } from '../../../core/plugin.ts';
import { OnnxError, readSignature } from '../../../libraries/onnx/index.ts';
import type { Signature } from '../../../libraries/signature-changes/index.ts';
import { artifactInvalid } from '../errors.ts';

/** The tensors that an ONNX file takes and gives, as a manifest writes them. Throws `ArtifactInvalid`. */
export function signatureIn(artifact: Uint8Array): Signature {
  let read: ReturnType<typeof readSignature>;
  try {
    read = readSignature(artifact);
  } catch (error) {
    if (error instanceof OnnxError) throw artifactInvalid(messageOf(error), error);
    throw error;
  }
  if (read.externalData) throw artifactInvalid('its weights lie in another file');
  const side = (tensors: typeof read.inputs): Signature['inputs'] =>
    tensors.map(({ name, datatype, shape }) => {
      if (shape === null) throw artifactInvalid(`the shape of "${name}" is open`);
      return { name, datatype, shape: shape.map((size) => size ?? -1) };
    });
  return { inputs: side(read.inputs), outputs: side(read.outputs) };
}
