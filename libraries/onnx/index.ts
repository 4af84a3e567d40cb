export {
  type AttributeValue,
  float,
  floats,
  graphAttribute,
  int,
  ints,
  string,
  strings,
  tensorAttribute,
} from './attributes.ts';
export { type Averaged, averageModels } from './average.ts';
export { type ModelParts, model, node, value } from './build.ts';
export { type Datatype, datatypeName, datatypes } from './datatypes.ts';
export { OnnxError, type OnnxErrorCode } from './error.ts';
export type {
  AttributeProto,
  Dimension,
  GraphProto,
  ModelProto,
  NodeProto,
  OperatorSet,
  StringEntry,
  TensorProto,
  TensorShape,
  TensorType,
  TypeProto,
  ValueInfo,
} from './messages.ts';
export { attributeTypes } from './messages.ts';
export { readModel, writeModel } from './model.ts';
export type { ReadLimits } from './protobuf.ts';
export { readSignature, type Signature, type TensorSignature } from './signature.ts';
export { type TensorData, tensor } from './tensor.ts';
