export {
  type Bump,
  type Signature,
  type SignatureChange,
  signatureChanges,
  type TensorSpec,
} from './changes.ts';
export { lowestVersion } from './lowest-version.ts';
