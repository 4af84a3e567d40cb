export {
  type Bump,
  type Signature,
  type SignatureChange,
  signatureChanges,
  type TensorSpec,
} from './changes.ts';
export { type SignatureConflict, signatureConflicts } from './conflicts.ts';
export { lowestVersion } from './lowest-version.ts';
export { namedAs } from './named-as.ts';
